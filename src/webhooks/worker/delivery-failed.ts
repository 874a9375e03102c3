/** A try of a delivery that came to nothing. What the queue does next is in it. */
export class DeliveryFailed extends Error {
  override readonly name = 'DeliveryFailed';

  constructor(
    reason: string,
    /** Until the next try, where there is one. */
    readonly delayMs: number,
  ) {
    super(`Not delivered: ${reason}`);
  }
}
