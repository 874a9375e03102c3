import { randomFillSync } from 'node:crypto';
import { v7, validate } from 'uuid';

const ID_BYTES = 16;
/** Random bytes are fetched for many ids at once: for one, asking costs more than all the rest. */
const pool = Buffer.alloc(256 * ID_BYTES);
let used = pool.length;
let msecs = 0;
let seq = 0;

/** A new id for a customer, a job or an import: a UUID v7, ordered as they were made (RFC 9562, section 5.7). */
export function newId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.subarray(used, used + ID_BYTES);
  used += ID_BYTES;
  const now = Date.now();
  // Within a ms, and while the clock is behind, they are counted on from a random number of 31 bits.
  seq = now > msecs ? random.readUInt32BE(6) >>> 1 : seq + 1;
  msecs = Math.max(msecs, now);
  return v7({ random, msecs, seq });
}

export const isId = (text: string): boolean => validate(text);

/**
 * The id of the customer that a row of an import creates. Derived, so that a chunk that runs twice recognises its own
 * rows: the import's id with its last 32 random bits replaced by the row's index; 40 other random bits and the time
 * keep it apart from all others.
 */
export function rowCustomerId(importId: string, row: number): string {
  return `${importId.slice(0, -8)}${row.toString(16).padStart(8, '0')}`;
}
