import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { Batch, REQUESTS_AT_ONCE } from '../../timing/batch';
import { inTime, TimeIsUp } from '../../timing/in-time';
import type { RedisSilence } from './redis-silence';

const WINDOW_S = 60;
/** A Redis that hangs must leave a write the time to be refused within a second. */
const REDIS_BUDGET_MS = 150;
/** Of those over their limit that a process remembers; who is forgotten is counted again. */
const MAX_REMEMBERED = 10_000;

/** Where a request stands in the count of its minute. */
export interface Place {
  /** Of whose requests. */
  of: 'tenant' | 'address';
  allowed: boolean;
  remaining: number;
  resetS: number;
}

/**
 * Requests per minute of a tenant or an address, counted in Redis over all replicas, and per process while Redis is away:
 * a limiter must not be what makes reads fail. Who is known to be over the limit is not counted on.
 */
export class RequestCount {
  /** By draft-ietf-httpapi-ratelimit-headers-10. */
  readonly policy: string;
  private readonly shared: RateLimiterRedis;
  private readonly perProcess: RateLimiterMemory;
  /** When they may come again, in ms of `performance.now()`. */
  private readonly over = new Map<string, number>();
  private readonly requests = new Batch<Asking>((requests) => {
    this.ask(requests);
  }, REQUESTS_AT_ONCE);

  /** @param limit requests per minute */
  constructor(
    private readonly of: Place['of'],
    private readonly limit: number,
    { redis, keyPrefix }: { redis: Redis; keyPrefix: string },
    private readonly silence: RedisSilence,
  ) {
    const rule = { points: limit, duration: WINDOW_S };
    this.policy = `"${of}";q=${limit};w=${WINDOW_S}`;
    this.perProcess = new RateLimiterMemory(rule);
    this.shared = new RateLimiterRedis({
      ...rule,
      storeClient: redis,
      keyPrefix,
      insuranceLimiter: this.perProcess,
    });
  }

  /** The place of a request that is refused for sure; undefined where it must be counted to tell. */
  known(key: string): Place | undefined {
    const until = this.over.get(key);
    if (until === undefined) return undefined;
    const leftMs = until - performance.now();
    if (leftMs > 0) return this.place(leftMs, this.limit + 1);
    this.over.delete(key);
    return undefined;
  }

  /** One question for all requests of one key that come in one turn; each gets its own place in the count. */
  take(key: string): Promise<Place> {
    const known = this.known(key);
    if (known) return Promise.resolve(known);
    const { promise, resolve, reject } = Promise.withResolvers<Place>();
    this.requests.add({ key, resolve, reject });
    return promise;
  }

  private ask(requests: Asking[]): void {
    for (const [key, all = []] of Map.groupBy(requests, (one) => one.key)) {
      this.count(key, all.length).then(
        ({ consumedPoints, msBeforeNext }) => {
          if (consumedPoints >= this.limit) this.remember(key, msBeforeNext);
          for (const [index, { resolve }] of all.entries())
            resolve(this.place(msBeforeNext, consumedPoints - all.length + index + 1));
        },
        (error: unknown) => {
          for (const { reject } of all) reject(error);
        },
      );
    }
  }

  private place(msBeforeNext: number, nth: number): Place {
    const resetS = Math.ceil(msBeforeNext / 1000);
    return { of: this.of, allowed: nth <= this.limit, remaining: Math.max(this.limit - nth, 0), resetS };
  }

  private remember(key: string, forMs: number): void {
    const oldest = this.over.size < MAX_REMEMBERED ? undefined : this.over.keys().next().value;
    if (oldest !== undefined) this.over.delete(oldest);
    this.over.set(key, performance.now() + forMs);
  }

  private async count(key: string, requests: number): Promise<RateLimiterRes> {
    if (this.silence.lasts()) return countedBy(this.perProcess, key, requests);
    try {
      return await inTime(REDIS_BUDGET_MS, countedBy(this.shared, key, requests));
    } catch (error) {
      if (!(error instanceof TimeIsUp)) throw error;
      this.silence.begin();
      return countedBy(this.perProcess, key, requests);
    }
  }
}

/** A request that waits to be told its place. */
interface Asking {
  key: string;
  resolve: (place: Place) => void;
  reject: (error: unknown) => void;
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
