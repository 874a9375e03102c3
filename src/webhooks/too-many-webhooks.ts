/** A tenant has as many webhooks as it may. Mapped to 409 in src/http. */
export class TooManyWebhooks extends Error {
  override readonly name = 'TooManyWebhooks';

  constructor(max: number) {
    super(`There are ${max} webhooks, and no more than that may be: delete one first.`);
  }
}
