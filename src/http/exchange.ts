import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { AuthenticatedRequest } from '../auth/access';
import type { Principal } from '../auth/principal';

/** A request of a known caller, and its reply. */
export interface Exchange {
  request: AuthenticatedRequest;
  reply: FastifyReply;
  caller: Principal;
}

/** The exchange, as a handler's parameter; the answer is still what the handler returns. */
export const CurrentExchange = createParamDecorator((_: unknown, context: ExecutionContext): Exchange => {
  const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
  return { request, reply: context.switchToHttp().getResponse<FastifyReply>(), caller: request.user };
});
