import { HttpException, Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { Environment } from '../../config/environment';
import { orUnavailable } from '../../queue/queue-unavailable';

/** Failures of one address in a window of so many seconds; an office shares an address. */
const FAILURES = 10;
const WINDOW_S = 300;

/** Slows down who guesses passwords: failures are counted over all replicas, and without Redis nobody can sign in anyway. */
@Injectable()
export class SignInLimit {
  private readonly failures: RateLimiterRedis;

  constructor(redis: Redis, { redis: { prefix } }: Environment) {
    this.failures = new RateLimiterRedis({
      points: FAILURES,
      duration: WINDOW_S,
      storeClient: redis,
      keyPrefix: `${prefix}:sign-in`,
    });
  }

  /** @returns s until the address may try again; undefined when it may now @throws QueueUnavailable */
  async waitFor(address: string): Promise<number | undefined> {
    const counted = await orUnavailable(this.failures.get(address));
    if (!counted || counted.remainingPoints > 0) return undefined;
    return Math.ceil(counted.msBeforeNext / 1000);
  }

  /** @throws QueueUnavailable */
  async failed(address: string): Promise<void> {
    const counting = this.failures.consume(address).catch((refused: unknown) => {
      if (!(refused instanceof RateLimiterRes)) throw refused;
    });
    await orUnavailable(counting);
  }
}

/** Mapped like every HttpException; the header is set by who throws it. */
export class TooManyFailures extends HttpException {
  constructor(readonly retryAfterS: number) {
    super('Too many failed attempts from this address; see Retry-After.', 429);
  }
}
