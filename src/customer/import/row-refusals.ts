import { CUSTOMER_LIMITS } from '../customer.limits';
import type { RejectedRow } from './import-record';
import type { ImportRow } from './import-row';
import type { RowOutcome, RowRefusal, WrittenRow } from './written-row';

/** What is said of rows that are right in themselves, and were not written. */
export const REFUSALS: Record<RowRefusal, Omit<RejectedRow, 'line'>> = {
  duplicate: { field: 'email', code: 'duplicate', message: 'another customer has this email' },
  too_many_attributes: {
    field: 'attributes',
    code: 'too_many',
    message: `the customer would have more than ${CUSTOMER_LIMITS.attributes} attributes`,
  },
};

export const isRefusal = (outcome: RowOutcome | undefined): outcome is RowRefusal =>
  outcome !== undefined && Object.hasOwn(REFUSALS, outcome);

export const refusedRows = (rows: ImportRow[], written: WrittenRow[]): RejectedRow[] =>
  rows.flatMap(({ line }, index) => {
    const outcome = written[index]?.outcome;
    return isRefusal(outcome) ? [{ line, ...REFUSALS[outcome] }] : [];
  });
