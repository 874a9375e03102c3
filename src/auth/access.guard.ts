import { ForbiddenException, Injectable, UnauthorizedException, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { COCKPIT, OPERATOR, PUBLIC, type AuthenticatedRequest } from './access';
import type { AdminRole } from './admin-role';
import { KeysUnavailable } from './keys-unavailable';
import { mayOperate, type Principal } from './principal';
import { TenantSessions } from './session/tenant-sessions';

/** Every route needs a valid token, unless it says otherwise. */
@Injectable()
export class AccessGuard extends AuthGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: TenantSessions,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const target = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, target)) return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const role = this.reflector.getAllAndOverride<AdminRole | undefined>(COCKPIT, target);
    if (role !== undefined && this.sessions.isShown(request)) {
      request.user = await this.sessions.callerOf(request, role);
      return true;
    }
    await super.canActivate(context);
    if (!this.reflector.getAllAndOverride<boolean | undefined>(OPERATOR, target)) return true;
    if (mayOperate(request.user)) return true;
    throw new ForbiddenException('This needs the role operator or admin.');
  }

  /** One answer for every bad token: which check failed is nobody's business. */
  override handleRequest<P = Principal>(error: Error | null, principal: P | false, why: unknown): P {
    if (error) throw error;
    if (why instanceof KeysUnavailable) throw why;
    if (!principal) throw new UnauthorizedException('A valid Bearer token is required.');
    return principal;
  }
}
