import type { FastifyReply, FastifyRequest } from 'fastify';
import { TLSSocket } from 'node:tls';

const NAME = 'insightcrm_session';

/** Out of the reach of scripts and of other sites' pages; only over TLS where the browser came by TLS. */
const attributes = (request: FastifyRequest) =>
  ({ path: '/', httpOnly: true, sameSite: 'strict', secure: isOverTls(request) }) as const;

/** Also by the word of a proxy: who lies about it only weakens a cookie of their own. */
const isOverTls = ({ headers, socket }: FastifyRequest): boolean =>
  socket instanceof TLSSocket || headers['x-forwarded-proto'] === 'https';

/** @returns undefined without a cookie */
export const sessionIdOf = (request: FastifyRequest): string | undefined => request.cookies[NAME];

export function setSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  ttlMs: number,
): void {
  void reply.setCookie(NAME, id, { ...attributes(request), maxAge: Math.floor(ttlMs / 1000) });
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  void reply.clearCookie(NAME, attributes(request));
}
