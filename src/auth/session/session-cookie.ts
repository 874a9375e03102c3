import type { FastifyReply, FastifyRequest } from 'fastify';
import { isOverTls } from '../../http/door/over-tls';

const NAME = 'insightcrm_session';
/** Over TLS browsers take a name like this from this very host alone: no other one of the domain can set it. */
const HOST_NAME = `__Host-${NAME}`;

const nameFor = (request: FastifyRequest): string => (isOverTls(request) ? HOST_NAME : NAME);

/** Out of the reach of scripts and of other sites' pages; only over TLS where the browser came by TLS. */
const attributes = (request: FastifyRequest) =>
  ({ path: '/', httpOnly: true, sameSite: 'strict', secure: isOverTls(request) }) as const;

/** @returns undefined without a cookie */
export const sessionIdOf = (request: FastifyRequest): string | undefined => request.cookies[nameFor(request)];

export function setSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  ttlMs: number,
): void {
  void reply.setCookie(nameFor(request), id, { ...attributes(request), maxAge: Math.floor(ttlMs / 1000) });
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  void reply.clearCookie(nameFor(request), attributes(request));
}
