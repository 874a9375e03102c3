import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LOGGER, type Logger } from '../logging/logger';
import { toProblem } from './problem';
import { toRefusal } from './refusals';

/** Answers every failed request with problem details; only a fault of ours is logged as an error. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const refusal = toRefusal(error);
    if (refusal.status >= 500) {
      const level = refusal.status === 500 ? 'error' : 'warn';
      this.logger[level]({ requestId: request.id, err: error }, 'request failed');
    }
    if (reply.sent) return;
    if (refusal.status === 401) reply.header('www-authenticate', 'Bearer');
    if (refusal.retryAfter !== undefined) reply.header('retry-after', refusal.retryAfter);
    const path = request.url.split('?', 1)[0] ?? '';
    reply
      .status(refusal.status)
      .type('application/problem+json; charset=utf-8')
      .send(JSON.stringify(toProblem(refusal, path, request.id)));
  }
}
