import { Injectable } from '@nestjs/common';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { countedAddress } from '../http/door/client-address';
import { countFailure, GUESSES, tooMany } from './guessing';

/**
 * Slows down who guesses passwords with each request. Each process counts for itself: what is asked without Redis, such
 * as metrics, is asked of it while Redis is away.
 */
@Injectable()
export class BasicLimit {
  private readonly failures = new RateLimiterMemory(GUESSES);

  /**
   * Counts a failure in the turn in which it is known: of many at once, none is looked at before those ahead of it count.
   * @throws TooManyFailures when the address has to wait, whatever it shows now
   */
  async check(address: string, isRight: boolean): Promise<void> {
    if (!isRight) return countFailure(this.failures, address);
    const counted = await this.failures.get(countedAddress(address));
    if (counted && counted.remainingPoints <= 0) throw tooMany(counted);
  }
}
