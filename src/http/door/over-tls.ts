import { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';

/** Whether the client came by TLS; also by the word of any proxy: who lies about it only harms their own browser. */
export const isOverTls = ({ headers, socket }: FastifyRequest): boolean =>
  socket instanceof TLSSocket || /^https\b/.test(String(headers['x-forwarded-proto']));
