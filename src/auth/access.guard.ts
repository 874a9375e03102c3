import { ForbiddenException, Injectable, UnauthorizedException, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { OPERATOR, PUBLIC, type AuthenticatedRequest } from './access';
import { mayOperate, type Principal } from './principal';

/** Every route needs a valid token, unless it says otherwise. */
@Injectable()
export class AccessGuard extends AuthGuard('jwt') {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const target = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, target)) return true;
    await super.canActivate(context);
    if (!this.reflector.getAllAndOverride<boolean | undefined>(OPERATOR, target)) return true;
    if (mayOperate(context.switchToHttp().getRequest<AuthenticatedRequest>().user)) return true;
    throw new ForbiddenException('This needs the role operator or admin.');
  }

  /** One answer for every bad token: which check failed is nobody's business. */
  override handleRequest<P = Principal>(error: Error | null, principal: P | false): P {
    if (error) throw error;
    if (!principal) throw new UnauthorizedException('A valid Bearer token is required.');
    return principal;
  }
}
