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

  /**
   * Counts a failure in the turn in which it is known: of many at once, none is looked at before those ahead of it count.
   * @throws TooManyFailures when the address has to wait, whatever it shows now
   */
  async check(address: string, isRight: boolean): Promise<void> {
    const key = countedAddress(address);
    if (isRight) {
      const counted = await this.failures.get(key);
      if (counted && counted.remainingPoints <= 0) throw tooMany(counted);
      return;
    }
    await this.failures.consume(key).catch((refused: unknown) => {
      throw refused instanceof RateLimiterRes ? tooMany(refused) : refused;
    });
  }
}

const tooMany = ({ msBeforeNext }: RateLimiterRes): TooManyFailures =>
  new TooManyFailures(Math.ceil(msBeforeNext / 1000));
