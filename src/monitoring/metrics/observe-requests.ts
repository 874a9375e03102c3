import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpMetrics } from './http-metrics';

/** Nobody is there to be answered: the number that nginx made common. */
const CLIENT_LEFT = 499;

/**
 * Measures every request. An event stream counts as answered when it begins: it stays open for up to an hour, which says
 * nothing of how fast we are; while it is open it is counted apart.
 */
export function observeRequests(app: NestFastifyApplication): void {
  const metrics = app.get(HttpMetrics);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    metrics.inFlight.inc();
    // Fastify's own `onResponse` does not come when the client leaves.
    reply.raw.once('close', () => {
      if (isEventStream(reply)) {
        metrics.openStreams.dec();
        return;
      }
      metrics.inFlight.dec();
      metrics.answered(answerOf(request, reply, reply.raw.writableFinished ? reply.statusCode : CLIENT_LEFT));
    });
    done();
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (isEventStream(reply) && !reply.raw.destroyed) {
      metrics.inFlight.dec();
      metrics.openStreams.inc();
      metrics.answered(answerOf(request, reply, reply.statusCode));
    }
    done(null, payload);
  });
}

const isEventStream = (reply: FastifyReply): boolean =>
  String(reply.getHeader('content-type') ?? '').startsWith('text/event-stream');

const answerOf = ({ method, routeOptions }: FastifyRequest, reply: FastifyReply, status: number) => ({
  method,
  route: routeOptions.url,
  status,
  durationMs: reply.elapsedTime,
});
