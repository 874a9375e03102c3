import { HttpException, Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { AuthenticatedRequest } from '../auth/access';
import { Environment } from '../config/environment';
import { Batch, REQUESTS_AT_ONCE } from '../timing/batch';
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
  private readonly policy: string;
  private readonly requests = new Batch<Asking>((requests) => {
    this.ask(requests);
  }, REQUESTS_AT_ONCE);

  constructor(
    redis: Redis,
    @Inject(Environment) private readonly environment: Environment,
  ) {
    const limit = { points: environment.rateLimitPerMinute, duration: WINDOW_S };
    this.policy = `"tenant";q=${limit.points};w=${WINDOW_S}`;
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
    const { allowed, remaining, resetS } = await this.consume(caller.tenantId);
    reply.header('ratelimit-policy', this.policy);
    reply.header('ratelimit', `"tenant";r=${remaining};t=${resetS}`);
    if (allowed) return true;
    reply.header('retry-after', resetS);
    throw new HttpException('Too many requests of this tenant; see Retry-After.', 429);
  }

  /** One question for all requests of a tenant that come in one turn; each gets its own place in the count. */
  private consume(tenantId: string): Promise<Consumed> {
    const { promise, resolve, reject } = Promise.withResolvers<Consumed>();
    this.requests.add({ tenantId, resolve, reject });
    return promise;
  }

  private ask(requests: Asking[]): void {
    for (const [tenantId, all = []] of Map.groupBy(requests, (one) => one.tenantId)) {
      this.count(tenantId, all.length).then(
        (counted) => {
          for (const [index, { resolve }] of all.entries())
            resolve(this.place(counted, counted.consumedPoints - all.length + index + 1));
        },
        (error: unknown) => {
          for (const { reject } of all) reject(error);
        },
      );
    }
  }

  private place({ msBeforeNext }: RateLimiterRes, nth: number): Consumed {
    const { rateLimitPerMinute: limit } = this.environment;
    const resetS = Math.ceil(msBeforeNext / 1000);
    return { allowed: nth <= limit, remaining: Math.max(limit - nth, 0), resetS };
  }

  private async count(tenantId: string, requests: number): Promise<RateLimiterRes> {
    try {
      return await inTime(REDIS_BUDGET_MS, countedBy(this.shared, tenantId, requests));
    } catch (error) {
      if (!(error instanceof TimeIsUp)) throw error;
      return countedBy(this.perProcess, tenantId, requests);
    }
  }
}

/** A request that waits to be told its place in its tenant's count. */
interface Asking {
  tenantId: string;
  resolve: (consumed: Consumed) => void;
  reject: (error: unknown) => void;
}

interface Consumed {
  allowed: boolean;
  remaining: number;
  resetS: number;
}

/** The count after so many more requests; over the limit too, where the limiter would rather throw it. */
async function countedBy(
  limiter: RateLimiterRedis | RateLimiterMemory,
  key: string,
  requests: number,
): Promise<RateLimiterRes> {
  try {
    return await limiter.consume(key, requests);
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return refused;
    throw refused;
  }
}
