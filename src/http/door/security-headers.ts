import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { fastify, type FastifyRequest } from 'fastify';
import { ADMIN_PATH } from '../../monitoring/admin-path';
import { isOverTls } from './over-tls';

type Directives = Record<string, string[] | null>;

/** Of any page: it has nothing from elsewhere, and nobody else shows it in a frame. */
const PAGE: Directives = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'manifest-src': ["'self'"],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
};

/** What the browser may do with an answer, by what kind of answer it is. */
const POLICIES = {
  data: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
  cockpit: PAGE,
  // Styles in its elements, and a base of its own.
  board: { ...PAGE, 'style-src': ["'self'", "'unsafe-inline'"], 'base-uri': ["'self'"] },
  // Swagger UI has its styles in the page and in elements.
  docs: { ...PAGE, 'style-src': ["'self'", "'unsafe-inline'"] },
} satisfies Record<string, Directives>;
type Kind = keyof typeof POLICIES;

const KINDS = Object.keys(POLICIES) as Kind[];
/** A year. Of subdomains nothing is said: they are not ours. */
const HSTS = `max-age=${365 * 24 * 3600}`;

const NOT_KEPT = { 'cache-control': 'no-store' };

/** Gives each answer the headers that keep browsers from doing with it what was not meant. Nothing else in src sets them. */
export async function secureAnswers(app: NestFastifyApplication): Promise<void> {
  const headers = Object.fromEntries(
    await Promise.all(KINDS.map(async (kind) => [kind, await headersOf(POLICIES[kind])])),
  ) as Record<Kind, Record<string, string>>;
  const instance = app.getHttpAdapter().getInstance();
  instance.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers[kindOf(request)]);
    if (isKept(request)) reply.headers(NOT_KEPT);
    if (isOverTls(request)) reply.header('strict-transport-security', HSTS);
    done();
  });
}

/** The same for what is answered before there is a request: it is no page, and nobody keeps it. */
export const headersOfNoRequest = async (): Promise<Record<string, string>> => ({
  ...(await headersOf(POLICIES.data)),
  ...NOT_KEPT,
});

/** By the route that was found, since paths have many spellings; what has no route, by its path. */
function kindOf({ routeOptions, url }: FastifyRequest): Kind {
  const path = routeOptions.url ?? url;
  if (path.startsWith(`${ADMIN_PATH}/queues`)) return 'board';
  if (path === ADMIN_PATH || /^\/admin[/?]/.test(path)) return 'cockpit';
  return /^\/docs(\/|$)/.test(path) ? 'docs' : 'data';
}

/** What may be somebody's own: no browser or proxy keeps it for the next person. Routes that know better say so. */
const isKept = ({ routeOptions, url }: FastifyRequest): boolean =>
  /^(\/api\/|\/admin\/api\/|\/metrics)/.test(routeOptions.url ?? url);

/** Asks helmet once what it would say, since it works that out anew for each request. */
async function headersOf(directives: Directives): Promise<Record<string, string>> {
  const options: FastifyHelmetOptions = {
    contentSecurityPolicy: { useDefaults: false, directives },
    referrerPolicy: { policy: 'same-origin' },
    // Said to who comes by TLS alone; and what only browsers of long ago understand.
    strictTransportSecurity: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xDnsPrefetchControl: false,
    xXssProtection: false,
    xFrameOptions: { action: 'deny' },
  };
  const asked = fastify();
  await asked.register(helmet, options);
  asked.get('/', (_request, reply) => reply.send());
  const { headers } = await asked.inject('/');
  await asked.close();
  const { 'content-length': _length, date: _date, connection: _connection, ...said } = headers;
  return Object.fromEntries(
    Object.entries(said).map(([name, value]) => [name, String(value).replaceAll(/;(?=\S)/g, '; ')]),
  );
}
