import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LOGGER, type Logger } from '../logging/logger';
import { answerProblem } from './answer-problem';
import { toRefusal } from './refusals';

/** Answers every failed request; only a fault of ours is logged as an error. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const { status } = toRefusal(error);
    if (status === 500) this.logger.error({ requestId: request.id, err: error }, 'request failed');
    else if (status > 500)
      this.logger.warn({ requestId: request.id, error: String(rootOf(error)) }, 'request refused');
    answerProblem(error, request, host.switchToHttp().getResponse<FastifyReply>());
  }
}

/** What made a server unreachable says more than that it was. */
const rootOf = (error: unknown): unknown =>
  error instanceof Error && error.cause !== undefined ? error.cause : error;
