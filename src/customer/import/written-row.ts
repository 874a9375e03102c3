/** What became of a row that is right in itself. */
export type RowOutcome = 'created' | 'updated' | 'unchanged' | 'skipped' | RowRefusal;
/** Why such a row was not written. */
export type RowRefusal = 'duplicate' | 'too_many_attributes';

export interface WrittenRow {
  outcome: RowOutcome;
  /** The customer that the row is about: made by it, or found by its email; null when there is none any more. */
  customerId: string | null;
}
