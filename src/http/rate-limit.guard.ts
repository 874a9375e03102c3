import { HttpException, Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { AuthenticatedRequest } from '../auth/access';
import { Environment } from '../config/environment';
import { inTime, TimeIsUp } from '../timing/in-time';

const WINDOW_S = 60;
/** A Redis that hangs must leave a write the time to be refused within a second. */
const REDIS_BUDGET_MS = 150;

/**
 * Requests per tenant and minute, counted in Redis over all replicas, and per process while Redis is away: a limiter
 * must not be what makes reads fail. Answers with the header fields of draft-ietf-httpapi-ratelimit-headers-10.
 */
@Injectable()
export class RateLimitGuard implements CanActivate {
  private readonly shared: RateLimiterRedis;
  private readonly perProcess: RateLimiterMemory;

  constructor(
    redis: Redis,
    @Inject(Environment) private readonly environment: Environment,
  ) {
    const limit = { points: environment.rateLimitPerMinute, duration: WINDOW_S };
    this.perProcess = new RateLimiterMemory(limit);
    this.shared = new RateLimiterRedis({
      ...limit,
      storeClient: redis,
      keyPrefix: `${environment.redis.prefix}:rate`,
      insuranceLimiter: this.perProcess,
    });
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { user: caller } = context.switchToHttp().getRequest<Partial<AuthenticatedRequest>>();
    if (!caller || this.environment.rateLimitPerMinute === 0) return true;
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const { allowed, state } = await this.consume(caller.tenantId);
    const resetS = Math.ceil(state.msBeforeNext / 1000);
    reply.header('ratelimit-policy', `"tenant";q=${this.environment.rateLimitPerMinute};w=${WINDOW_S}`);
    reply.header('ratelimit', `"tenant";r=${state.remainingPoints};t=${resetS}`);
    if (allowed) return true;
    reply.header('retry-after', resetS);
    throw new HttpException('Too many requests of this tenant; see Retry-After.', 429);
  }

  private async consume(tenantId: string): Promise<Consumed> {
    try {
      return await inTime(REDIS_BUDGET_MS, consume(this.shared, tenantId));
    } catch (error) {
      if (!(error instanceof TimeIsUp)) throw error;
      return consume(this.perProcess, tenantId);
    }
  }
}

interface Consumed {
  allowed: boolean;
  state: RateLimiterRes;
}

async function consume(limiter: RateLimiterRedis | RateLimiterMemory, key: string): Promise<Consumed> {
  try {
    return { allowed: true, state: await limiter.consume(key) };
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return { allowed: false, state: refused };
    throw refused;
  }
}
