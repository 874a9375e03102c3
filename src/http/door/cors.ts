import { unescape } from 'node:querystring';
import fastifyCors, { type FastifyCorsOptions } from '@fastify/cors';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest, RouteOptions } from 'fastify';
import { ADMIN_PATH } from '../../monitoring/admin-path';
import { answerProblem } from '../answer-problem';

const PREFLIGHT_KEPT_S = 600;

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the plugin for what browsers ask before they send for a page of another site. */
    corsPreflightEnabled?: boolean;
  }
}

type Decide = (error: Error | null, options: FastifyCorsOptions) => void;

const CLOSED: FastifyCorsOptions = { origin: false };

/**
 * Lets pages of these origins use the API from a browser, with tokens: a cookie of ours is never theirs to use, and the
 * admin pages stay closed to them. Without origins nothing is registered, and a browser lets no other page read an answer.
 */
export async function openToOrigins(app: NestFastifyApplication, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  const open: FastifyCorsOptions = {
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: [
      ...['authorization', 'content-type', 'content-encoding'],
      ...['idempotency-key', 'last-event-id', 'x-request-id'],
    ],
    exposedHeaders: [
      ...['location', 'content-disposition', 'idempotency-replayed', 'x-request-id'],
      ...['ratelimit', 'ratelimit-policy', 'retry-after'],
    ],
    maxAge: PREFLIGHT_KEPT_S,
    // The plugin would answer these before anything else is asked of them: nobody would count them.
    preflightContinue: true,
    strictPreflight: false,
  };
  app.getHttpAdapter().getInstance().addHook('onRoute', completePreflights);
  await app.register(fastifyCors, () => (request: FastifyRequest, decide: Decide) => {
    // As the router reads it; a preflight has no route of its own to tell.
    decide(null, unescape(request.url).startsWith(ADMIN_PATH) ? CLOSED : open);
  });
}

/** Of the plugin's only route, which is made before Nest says how errors are answered. */
function completePreflights(route: RouteOptions): void {
  if (route.method !== 'OPTIONS' || route.url !== '*') return;
  route.errorHandler = answerProblem;
  route.preHandler = (request, reply, done) => {
    // Some browsers wait for a body where no length is told.
    if (request.corsPreflightEnabled) reply.code(204).header('content-length', '0');
    done();
  };
}
