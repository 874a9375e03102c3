/** The key was used before, for another request. Mapped to 422 in src/http. */
export class KeyReused extends Error {
  override readonly name = 'KeyReused';

  constructor() {
    super('This Idempotency-Key was used with another body or route; a new request needs a new key.');
  }
}
