import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { stringify } from 'safe-stable-stringify';

/** Tells whether a request asks for the same as another: route, query and JSON body, whatever the order of keys. */
export const fingerprintOf = (request: FastifyRequest): string =>
  digest([...routeOf(request), request.body ?? null]);

/** The same of a request whose body is a file: its bytes are looked at as they come. */
export const fingerprintOfRoute = (request: FastifyRequest): string => digest(routeOf(request));

const routeOf = ({ method, url, query }: FastifyRequest): unknown[] => [method, url.split('?', 1)[0], query];

const digest = (parts: unknown[]): string => createHash('sha256').update(stringify(parts)).digest('hex');
