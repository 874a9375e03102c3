/** The dead letters of a queue are being replayed, by this or another process. Mapped to 409 in src/http. */
export class ActUnderWay extends Error {
  override readonly name = 'ActUnderWay';

  /** @param retryAfterS until it should be over */
  constructor(readonly retryAfterS: number) {
    super('The dead letters of this queue are being replayed; see Retry-After.');
  }
}
