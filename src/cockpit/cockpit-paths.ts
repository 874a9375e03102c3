import type { FastifyRequest } from 'fastify';
import { ADMIN_PATH } from '../monitoring/admin-path';

/** The JSON behind the pages. */
export const COCKPIT_API = `${ADMIN_PATH}/api`;
/** Who is signed in; signing in and out. */
export const SIGN_IN_PATH = `${COCKPIT_API}/session`;
export const ASSETS_PREFIX = `${ADMIN_PATH}/assets/`;
export const ASSETS_ROUTE = `${ASSETS_PREFIX}*`;
/** One page, which reads from its address what it shows. */
export const PAGE_ROUTES: readonly string[] = [ADMIN_PATH, `${ADMIN_PATH}/*`];

/** A person's browser goes there; a script asks for no HTML. */
export const wantsPage = ({ method, url, headers }: FastifyRequest): boolean =>
  ['GET', 'HEAD'].includes(method) &&
  !/^\/admin\/(api|queues|assets)(\/|\?|$)/.test(url) &&
  (headers.accept?.includes('text/html') ?? false);
