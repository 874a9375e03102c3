import { v7, validate } from 'uuid';

/** A new id for a customer, a job or an import: a UUID v7, ordered by time (RFC 9562, section 5.7). */
export const newId = (): string => v7();

export const isId = (text: string): boolean => validate(text);

/**
 * The id of the customer that a row of an import creates. Derived, so that a chunk that runs twice recognises its own
 * rows: the import's id with its last 32 random bits replaced by the row's index; 40 other random bits and the time
 * keep it apart from all others.
 */
export function rowCustomerId(importId: string, row: number): string {
  return `${importId.slice(0, -8)}${row.toString(16).padStart(8, '0')}`;
}
