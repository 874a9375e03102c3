/** The key set that tokens are checked with can't be had. Mapped to 503 in src/http. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';

  constructor(cause: unknown) {
    super('Tokens can not be checked at the moment: their keys are not to be had.', { cause });
  }
}
