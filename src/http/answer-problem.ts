import type { FastifyReply, FastifyRequest } from 'fastify';
import { toProblem } from './problem';
import { REQUEST_ID_HEADER } from './request-id';
import { toRefusal } from './refusals';

/** Answers a request with the problem details of what was thrown on its way. */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (reply.sent) return;
  const refusal = toRefusal(error);
  if (refusal.status === 401) reply.header('www-authenticate', 'Bearer');
  if (refusal.retryAfter !== undefined) reply.header('retry-after', refusal.retryAfter);
  const path = request.url.split('?', 1)[0] ?? '';
  reply
    .status(refusal.status)
    .header(REQUEST_ID_HEADER, request.id)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(toProblem(refusal, path, request.id)));
}
