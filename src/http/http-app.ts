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
import { endBadConnections } from './door/bad-connection';
import { trusts } from './door/client-address';
import { limitRequestHeads } from './door/request-size';
import { headersOfNoRequest, secureAnswers } from './door/security-headers';
import { endSlowBodies } from './door/slow-bodies';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id';
import { logRequests } from './request-log';
import { refuseTwoCredentials } from './refuse-two-credentials';

/** How often connections are looked at whose headers do not come; Node's own 30 s are longer than they may take. */
const HEADERS_LOOKS = 4;

/**
 * An application that speaks HTTP the way every role does: request ids, limits, one log line per request, metrics.
 * @param door what the role has asked of each request, before its body is looked at
 */
export async function createHttpApp(
  module: Type | DynamicModule,
  environment: Environment,
  logger: Logger,
  door?: (app: NestFastifyApplication) => Promise<void>,
): Promise<NestFastifyApplication> {
  const { headersTimeoutMs, maxConnections } = environment.clients;
  const adapter = new FastifyAdapter({
    bodyLimit: environment.bodyMaxBytes,
    genReqId: requestIdOf,
    requestIdHeader: false,
    // What is idle is closed on shutdown; what is being answered is finished.
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: answerProblem,
    clientErrorHandler: endBadConnections(await headersOfNoRequest()),
    trustProxy: environment.trustedProxies.length > 0 && trusts(environment.trustedProxies),
    http: {
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs / HEADERS_LOOKS),
    },
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
  app.getHttpServer().maxConnections = maxConnections;
  letConnectionsGo(app, environment);
  if (environment.tracing) nameRequestSpans(app);
  logRequests(app, logger);
  observeRequests(app);
  await secureAnswers(app);
  limitRequestHeads(app);
  refuseTwoCredentials(adapter.getInstance());
  endSlowBodies(app, environment);
  await door?.(app);
  await registerBodyKinds(app);
  return app;
}

/**
 * A connection that is kept over the end of its process may carry a request that nobody reads any more. One that is used
 * while the process drains ends with its answer; one that is not has by then been given up by a client that keeps to
 * what it is told here. The server itself waits longer: balancers that do not listen want that.
 */
function letConnectionsGo(app: NestFastifyApplication, { shutdownDelayMs }: Environment): void {
  const readiness = app.get(Readiness);
  const keepAlive = `timeout=${Math.max(1, Math.floor(shutdownDelayMs / 1_000) - 1)}`;
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onSend', (_request, reply, payload, done) => {
      if (readiness.isDraining) reply.header('connection', 'close');
      else if (shutdownDelayMs > 0) reply.header('keep-alive', keepAlive);
      done(null, payload);
    });
}
