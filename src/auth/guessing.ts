import { RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { countedAddress } from '../http/door/client-address';

/** How often one address may be wrong about who it is, in a window of so many seconds; an office shares an address. */
export const GUESSES = { points: 10, duration: 300 } as const;

/** Mapped to 429 in src/http. */
export class TooManyFailures extends Error {
  override readonly name = 'TooManyFailures';

  constructor(readonly retryAfterS: number) {
    super('Too many failed attempts from this address; see Retry-After.');
  }
}

/** Counts one more for the address. @throws TooManyFailures when it has to wait; what the limiter failed with */
export async function countFailure(failures: RateLimiterAbstract, address: string): Promise<void> {
  await failures.consume(countedAddress(address)).catch((refused: unknown) => {
    throw refused instanceof RateLimiterRes ? tooMany(refused) : refused;
  });
}

export const tooMany = ({ msBeforeNext }: RateLimiterRes): TooManyFailures =>
  new TooManyFailures(Math.ceil(msBeforeNext / 1000));
