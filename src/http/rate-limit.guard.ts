import { HttpException, Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { AuthenticatedRequest } from '../auth/access';
import { Environment } from '../config/environment';

const WINDOW_S = 60;

/**
 * Requests per tenant and minute, counted in Redis over all replicas, and per process while Redis is away: a limiter
 * must not be what makes reads fail. Answers with the header fields of draft-ietf-httpapi-ratelimit-headers-10.
 */
@Injectable()
export class RateLimitGuard implements CanActivate {
  private readonly limiter: RateLimiterRedis | undefined;

  constructor(
    redis: Redis,
    @Inject(Environment) private readonly environment: Environment,
  ) {
    const points = environment.rateLimitPerMinute;
    if (points === 0) return;
    this.limiter = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: `${environment.redis.prefix}:rate`,
      points,
      duration: WINDOW_S,
      insuranceLimiter: new RateLimiterMemory({ points, duration: WINDOW_S }),
    });
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { user: caller } = context.switchToHttp().getRequest<Partial<AuthenticatedRequest>>();
    if (!this.limiter || !caller) return true;
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const { allowed, state } = await consume(this.limiter, caller.tenantId);
    const resetS = Math.ceil(state.msBeforeNext / 1000);
    reply.header('ratelimit-policy', `"tenant";q=${this.environment.rateLimitPerMinute};w=${WINDOW_S}`);
    reply.header('ratelimit', `"tenant";r=${state.remainingPoints};t=${resetS}`);
    if (allowed) return true;
    reply.header('retry-after', resetS);
    throw new HttpException('Too many requests of this tenant; see Retry-After.', 429);
  }
}

async function consume(
  limiter: RateLimiterRedis,
  key: string,
): Promise<{ allowed: boolean; state: RateLimiterRes }> {
  try {
    return { allowed: true, state: await limiter.consume(key) };
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return { allowed: false, state: refused };
    throw refused;
  }
}
