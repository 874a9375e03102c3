/** Mapped to 429. */
export class TooManyRequests extends Error {
  override readonly name = 'TooManyRequests';

  constructor(
    of: 'tenant' | 'address',
    readonly retryAfterS: number,
  ) {
    super(`Too many requests of this ${of}; see Retry-After.`);
  }
}
