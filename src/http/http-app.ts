import { type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Environment } from '../config/environment';
import type { Logger } from '../logging/logger';
import { NestLogger } from '../logging/nest-logger';
import { Readiness } from '../monitoring/readiness';
import { observeRequests } from '../monitoring/metrics/observe-requests';
import { nameRequestSpans } from '../tracing/request-spans';
import { answerProblem } from './answer-problem';
import { registerBodyKinds } from './body-kinds';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id';
import { logRequests } from './request-log';

/** An application that speaks HTTP the way every role does: request ids, limits, one log line per request, metrics. */
export async function createHttpApp(
  module: Type | DynamicModule,
  environment: Environment,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: environment.bodyMaxBytes,
    genReqId: requestIdOf,
    requestIdHeader: false,
    // What is idle is closed on shutdown; what is being answered is finished.
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: answerProblem,
    routerOptions: { maxParamLength: 16_384 },
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  adapter.getInstance().addHook('onRequest', (request, reply, done) => {
    reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
  sendElsewhereWhenDraining(app);
  if (environment.tracing) nameRequestSpans(app);
  logRequests(app, logger);
  observeRequests(app);
  await registerBodyKinds(app);
  return app;
}

/** A connection that is kept over the end of its process may carry a request that nobody reads any more. */
function sendElsewhereWhenDraining(app: NestFastifyApplication): void {
  const readiness = app.get(Readiness);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onSend', (_request, reply, payload, done) => {
      if (readiness.isDraining) reply.header('connection', 'close');
      done(null, payload);
    });
}
