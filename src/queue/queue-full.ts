/** As many jobs wait as may; the caller may try again later. Mapped to 503 in src/http. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';

  constructor(
    /** When there will be room again, at the present pace, in s. */
    readonly retryAfterS: number,
  ) {
    super('The queue is full');
  }
}
