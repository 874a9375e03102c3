import {
  applyDecorators,
  createParamDecorator,
  ForbiddenException,
  UnauthorizedException,
  type ExecutionContext,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '../auth/access';
import { hasRole, type AdminRole } from '../auth/admin-role';
import type { AdminVisitor } from '../auth/admin-visitor';
import type { Actor } from '../audit/audit-log';

/** Routes behind the pages of the cockpit: admin-pages.ts lets in who may enter, and viewers only to look. */
export const CockpitRoutes = () => applyDecorators(Public(), ApiExcludeController());

/** Who is on the page, as a handler's parameter. */
export const CurrentVisitor = createParamDecorator((_: unknown, context: ExecutionContext): AdminVisitor => {
  const { visitor } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!visitor) throw new UnauthorizedException('Sign in.');
  return visitor;
});

/** Who is on the page, as the audit log names them. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const { id, visitor } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!visitor) throw new UnauthorizedException('Sign in.');
  return { userId: visitor.userId, tenantId: visitor.tenantId, requestId: id };
});

/** @throws ForbiddenException */
export function demandRole(visitor: AdminVisitor, needed: AdminRole): void {
  if (!hasRole(visitor.role, needed)) throw new ForbiddenException(`This needs the role ${needed}.`);
}
