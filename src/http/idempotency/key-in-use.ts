/** A request with the same key is being worked on. Mapped to 409 in src/http. */
export class KeyInUse extends Error {
  override readonly name = 'KeyInUse';

  /** @param retryAfterMs when that request has ended, or counts as dead */
  constructor(readonly retryAfterMs: number) {
    super('A request with this Idempotency-Key is being worked on.');
  }
}
