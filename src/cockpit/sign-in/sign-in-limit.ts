import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { countFailure, GUESSES } from '../../auth/guessing';
import { Environment } from '../../config/environment';
import { countedAddress } from '../../http/door/client-address';
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

  /**
   * Counts an attempt before it is looked at, so that many at once are no more than one after the other.
   * @throws TooManyFailures when the address has to wait, whatever it shows now; QueueUnavailable
   */
  async begin(address: string): Promise<void> {
    await orUnavailable(countFailure(this.failures, address));
  }

  /** The attempt was none that failed. @throws QueueUnavailable */
  async succeeded(address: string): Promise<void> {
    await orUnavailable(this.failures.reward(countedAddress(address)));
  }
}
