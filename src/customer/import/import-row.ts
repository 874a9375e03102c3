import type { FieldChanges } from '../customer.merge';
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
  customer: { name, phone, address, tags, totalSpendCents, visits, lastVisit, attributes },
}: ImportRow): FieldChanges {
  const changes: FieldChanges = { name };
  if (phone !== undefined) changes.phone = phone;
  if (address !== undefined) changes.address = address;
  if (tags !== undefined) changes.tags = tags;
  if (totalSpendCents !== undefined) changes.totalSpend = totalSpendCents;
  if (visits !== undefined) changes.visits = visits;
  if (lastVisit !== undefined) changes.lastVisit = new Date(lastVisit);
  for (const key in attributes) changes[`attributes:${key}`] = attributes[key];
  return changes;
}
