import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { AdminRole } from './admin-role';
import type { Principal } from './principal';

export const PUBLIC = 'access:public';
export const OPERATOR = 'access:operator';

/** No token needed. */
export const Public = () => SetMetadata(PUBLIC, true);

/** Needs the role operator or admin. */
export const OperatorOnly = () => SetMetadata(OPERATOR, true);

export const COCKPIT = 'access:cockpit';

/** May also be used by who is signed in to the cockpit with this role, for the tenant that the request names. */
export const ForCockpit = (role: AdminRole) => SetMetadata(COCKPIT, role);

export interface AuthenticatedRequest extends FastifyRequest {
  user: Principal;
}

/** The caller, as a handler's parameter. */
export const Caller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Principal =>
    context.switchToHttp().getRequest<AuthenticatedRequest>().user,
);
