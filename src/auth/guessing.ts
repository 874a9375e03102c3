/** How often one address may be wrong about who it is, in a window of so many seconds; an office shares an address. */
export const GUESSES = { points: 10, duration: 300 } as const;

/** Mapped to 429 in src/http. */
export class TooManyFailures extends Error {
  override readonly name = 'TooManyFailures';

  constructor(readonly retryAfterS: number) {
    super('Too many failed attempts from this address; see Retry-After.');
  }
}
