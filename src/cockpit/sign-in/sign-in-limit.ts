import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { GUESSES } from '../../auth/guessing';
import { Environment } from '../../config/environment';
import { orUnavailable } from '../../queue/queue-unavailable';

/** Slows down who guesses passwords: failures are counted over all replicas, and without Redis nobody can sign in anyway. */
@Injectable()
export class SignInLimit {
  private readonly failures: RateLimiterRedis;

  constructor(redis: Redis, { redis: { prefix } }: Environment) {
    this.failures = new RateLimiterRedis({
      ...GUESSES,
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
