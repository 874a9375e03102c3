/** The customers of an export have more attributes between them than a file may have columns. Mapped to 409 in src/http. */
export class TooManyAttributes extends Error {
  override readonly name = 'TooManyAttributes';

  constructor(max: number) {
    super(
      `These customers have more than ${max} different attributes between them; each would be a column. ` +
        'Export fewer of them, with "search" or "tag".',
    );
  }
}
