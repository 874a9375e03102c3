import fastifyCors, { type FastifyCorsOptions } from '@fastify/cors';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { ADMIN_PATH } from '../../monitoring/admin-path';

const PREFLIGHT_KEPT_S = 600;

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
  };
  await app.register(fastifyCors, () => (request: FastifyRequest, decide: Decide) => {
    decide(null, request.url.startsWith(ADMIN_PATH) ? CLOSED : open);
  });
}
