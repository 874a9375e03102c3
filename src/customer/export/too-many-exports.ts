/** This process writes as many exports as it may, in all or for this tenant. Mapped to 503 in src/http. */
export class TooManyExports extends Error {
  override readonly name = 'TooManyExports';

  constructor() {
    super('As many exports as may be are under way; try again when one has ended.');
  }
}
