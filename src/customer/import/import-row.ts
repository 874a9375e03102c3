import { toFieldChanges, type FieldChanges } from '../customer.merge';
import type { ImportedCustomer } from './csv/row-check';

/** A row that passed its checks, with the identity its import gives it. */
export interface ImportRow {
  line: number;
  customerId: string;
  /** Its place in the order of acceptance. */
  order: number;
  /** When the import was accepted, ms since 1970. */
  acceptedAt: number;
  customer: ImportedCustomer;
}

/** What a row changes of a customer that exists: its cells that hold something; the email is how it was found. */
export function rowChanges({
  customer: { email: _email, totalSpendCents, lastVisit, ...fields },
}: ImportRow): FieldChanges {
  return toFieldChanges({
    ...fields,
    ...(totalSpendCents !== undefined && { totalSpend: totalSpendCents }),
    ...(lastVisit !== undefined && { lastVisit: new Date(lastVisit) }),
  });
}
