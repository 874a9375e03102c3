import cookie from '@fastify/cookie';
import { UnauthorizedException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AdminAccess } from '../auth/admin-access';
import { isForged } from '../auth/forged';
import { ASSETS_ROUTE, PAGE_ROUTES, SIGN_IN_PATH, wantsPage } from '../cockpit/cockpit-paths';
import { answerProblem } from '../http/answer-problem';
import { errorGroup } from '../queue/dead-letters/error-group';
import { maskedError } from '../queue/dead-letters/masked-error';
import { ADMIN_PATH } from './admin-path';
import { BoardActs } from './board-acts';

/**
 * Closes everything under `/admin` to all who may not enter, whatever serves it and whether it exists; but for the page
 * on which people sign in. Must run before the routes are made: Fastify gives a hook to the routes that come after it.
 */
export async function guardAdminPages(app: NestFastifyApplication): Promise<void> {
  await app.register(cookie);
  const access = app.get(AdminAccess);
  const acts = app.get(BoardActs);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.decorateRequest('visitor', undefined);
  fastify.addHook('onRequest', async (request, reply) => {
    if (!isAdminPage(request)) return;
    if (isForged(request)) return refuse(reply, 'This came from another site.\n');
    // Asks nobody who it is: a page that is loaded while Redis is away says so.
    if (isPagePart(request)) return;
    try {
      request.visitor = await access.visitorOf(request);
    } catch (error) {
      answerProblem(error, request, reply);
      return;
    }
    if (request.routeOptions.url === SIGN_IN_PATH) return;
    if (!request.visitor) return askWhoItIs(request, reply, access.hasAccounts);
    if (request.visitor.role === 'viewer' && !isRead(request))
      return refuse(reply, 'A viewer changes nothing.\n');
  });
  fastify.addHook('preHandler', async (request, reply) => {
    const { visitor } = request;
    if (visitor && isBoard(request) && !isRead(request)) await acts.before(request, reply, visitor);
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (!isBoard(request) || typeof payload !== 'string') done(null, payload);
    else if (isOfType(reply, 'text/html')) done(null, withoutForeignStyles(payload));
    else if (request.visitor?.role === 'viewer' && isOfType(reply, 'application/json'))
      done(null, withoutQuotes(payload));
    else if (request.visitor?.role === 'operator' && isOfType(reply, 'application/json'))
      done(null, withMasks(payload));
    else done(null, payload);
  });
}

/** By the route that was found, since paths have many spellings; what has no route, by its path. */
function isAdminPage({ routeOptions, url }: FastifyRequest): boolean {
  const path = routeOptions.url ?? url;
  return path === ADMIN_PATH || /^\/admin[/?]/.test(path);
}

const isBoard = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url?.startsWith(`${ADMIN_PATH}/queues`) ?? false;

const isRead = ({ method }: FastifyRequest): boolean => ['GET', 'HEAD', 'OPTIONS'].includes(method);

/** The page on which people sign in, and what it is made of: nothing in it is anybody's. */
const isPagePart = (request: FastifyRequest): boolean =>
  request.routeOptions.url === ASSETS_ROUTE ||
  (PAGE_ROUTES.includes(request.routeOptions.url ?? '') && wantsPage(request));

async function askWhoItIs(request: FastifyRequest, reply: FastifyReply, hasAccounts: boolean): Promise<void> {
  if (request.headers.accept === 'application/json') {
    // A page asks: its browser must not come with a dialogue of its own.
    answerProblem(new UnauthorizedException('Sign in.'), request, reply);
    return;
  }
  await reply
    .status(401)
    .header('www-authenticate', 'Basic realm="InsightCRM admin", charset="UTF-8"')
    .type('text/plain; charset=utf-8')
    .send(hasAccounts ? 'Sign in.\n' : 'Admin pages are closed: set ADMIN_PASSWORD.\n');
}

const refuse = (reply: FastifyReply, why: string) =>
  reply.status(403).type('text/plain; charset=utf-8').send(why);

const isOfType = (reply: FastifyReply, type: string): boolean =>
  String(reply.getHeader('content-type')).startsWith(type);

/** Errors of jobs quote what was written; Bull Board's formatters do not know of them. */
const withoutQuotes = (json: string): string =>
  JSON.stringify(
    JSON.parse(json, (key, value: unknown) => {
      if (key === 'stacktrace') return [];
      return key === 'failedReason' && typeof value === 'string' ? errorGroup(value) : value;
    }),
  );

/** For operators, who repair what they see: without whom it is about. */
const withMasks = (json: string): string =>
  JSON.stringify(
    JSON.parse(json, (key, value: unknown) => {
      if (key === 'stacktrace' && Array.isArray(value))
        return value.map((stack) => maskedError(String(stack)));
      return key === 'failedReason' && typeof value === 'string' ? maskedError(value) : value;
    }),
  );

/** Bull Board would have fonts from Google: a page that waits for them where there is no internet, and tells Google otherwise. */
const withoutForeignStyles = (html: string): string =>
  html.replaceAll(/<link [^>]*href="https?:\/\/[^>]*>/g, '');
