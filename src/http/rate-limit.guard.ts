import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { AuthenticatedRequest } from '../auth/access';
import { RateLimits } from './limits/rate-limits';

/** Counts a request for its tenant, and waits for what it counts for its address: both are asked in one message to Redis. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(private readonly limits: RateLimits) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { user: caller, addressPlace } = context.switchToHttp().getRequest<Partial<AuthenticatedRequest>>();
    if (!caller) return true;
    const counts = [this.limits.tenants?.take(caller.tenantId), addressPlace];
    const places = await Promise.all(counts.filter((count) => count !== undefined));
    const refused = this.limits.tell(context.switchToHttp().getResponse<FastifyReply>(), places);
    if (refused) throw refused;
    return true;
  }
}
