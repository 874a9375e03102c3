/** This process has as many event streams as it may have, or is stopping. Mapped to 503 in src/http. */
export class TooManyStreams extends Error {
  override readonly name = 'TooManyStreams';

  constructor() {
    super('This process takes no more event streams');
  }
}
