import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { countedAddress } from '../http/door/client-address';
import { GUESSES, TooManyFailures } from './guessing';

/**
 * Slows down who guesses passwords with each request. Each process counts for itself: what is asked without Redis, such
 * as metrics, is asked of it while Redis is away.
 */
@Injectable()
export class BasicLimit {
  private readonly failures = new RateLimiterMemory(GUESSES);

  /** @throws TooManyFailures when the address has to wait, whatever it shows now */
  async check(address: string): Promise<void> {
    const counted = await this.failures.get(countedAddress(address));
    if (counted && counted.remainingPoints <= 0)
      throw new TooManyFailures(Math.ceil(counted.msBeforeNext / 1000));
  }

  async failed(address: string): Promise<void> {
    await this.failures.consume(countedAddress(address)).catch((refused: unknown) => {
      if (!(refused instanceof RateLimiterRes)) throw refused;
    });
  }
}
