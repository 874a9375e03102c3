import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AdminAccess, type AdminVisitor } from '../auth/admin-access';
import { ADMIN_PATH } from './admin-path';
import { BoardActs } from './board-acts';

/** They load nothing from elsewhere, and nobody else shows them in a frame. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

/**
 * Closes everything under `/admin` to all but administrators, whatever serves it and whether it exists. Must run before
 * the routes are made: Fastify gives a hook to the routes that come after it.
 */
export function guardAdminPages(app: NestFastifyApplication): void {
  const access = app.get(AdminAccess);
  const acts = app.get(BoardActs);
  const visitors = new WeakMap<FastifyRequest, AdminVisitor>();
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', async (request, reply) => {
    if (!isAdminPage(request)) return;
    reply.headers(SECURITY_HEADERS);
    const visitor = await access.check(request, reply);
    if (!visitor) return;
    visitors.set(request, visitor);
    if (isForged(request)) await refuse(reply);
  });
  fastify.addHook('preHandler', async (request, reply) => {
    const visitor = visitors.get(request);
    if (visitor && changesSomething(request)) await acts.before(request, reply, visitor);
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    done(null, isAdminPage(request) && isHtml(reply, payload) ? withoutForeignStyles(payload) : payload);
  });
}

/** By the route that was found, since paths have many spellings; what has no route, by its path. */
function isAdminPage({ routeOptions, url }: FastifyRequest): boolean {
  const path = routeOptions.url ?? url;
  return path === ADMIN_PATH || /^\/admin[/?]/.test(path);
}

const changesSomething = ({ method, routeOptions }: FastifyRequest): boolean =>
  routeOptions.url !== undefined && !['GET', 'HEAD', 'OPTIONS'].includes(method);

/** A browser adds the password of its own accord to what another site makes it send: such a request changes nothing. */
const isForged = ({ method, headers }: FastifyRequest): boolean =>
  !['GET', 'HEAD'].includes(method) &&
  headers['sec-fetch-site'] !== undefined &&
  headers['sec-fetch-site'] !== 'same-origin';

const refuse = (reply: FastifyReply) =>
  reply.status(403).type('text/plain; charset=utf-8').send('This came from another site.\n');

const isHtml = (reply: FastifyReply, payload: unknown): payload is string =>
  typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html');

/** Bull Board would have fonts from Google: a page that waits for them where there is no internet, and tells Google otherwise. */
const withoutForeignStyles = (html: string): string =>
  html.replaceAll(/<link [^>]*href="https?:\/\/[^>]*>/g, '');
