import {
  changesAnything,
  hasTooManyAttributes,
  merge,
  valueOf,
  type FieldChanges,
  type FieldPath,
} from '../customer.merge';
import type { CustomerRecord } from '../customer.schema';
import type { CustomerStatsRepository } from '../customer-stats.repository';
import type { DuplicateRule } from './import-record';
import { rowChanges, type ImportRow } from './import-row';
import type { RowOutcome } from './written-row';

/** What a row comes to that meets a customer with its email; with `update`, its other cells decide. */
export const MET_A_CUSTOMER = {
  update: undefined,
  skip: 'skipped',
  fail: 'duplicate',
} as const satisfies Record<DuplicateRule, RowOutcome | undefined>;

export interface Judged {
  outcome: 'updated' | 'unchanged' | 'too_many_attributes';
  /** The customer after the row, where it is another one. */
  after?: CustomerRecord;
}

/** What a row makes of the customer that it meets. A real run and a dry run judge alike. */
export function judgeUpdate(customer: CustomerRecord, changes: FieldChanges, order: number): Judged {
  const merged = changesAnything(customer, changes, order) ? merge(customer, changes, order) : undefined;
  if (!merged?.changed) return { outcome: wasApplied(customer, order) ? 'updated' : 'unchanged' };
  const { record } = merged;
  if (hasTooManyAttributes(record)) return { outcome: 'too_many_attributes' };
  return { outcome: 'updated', after: record };
}

/** Totals in a file are those of the moment it was accepted: visits that were accepted later come on top. */
export async function changesOf(
  row: ImportRow,
  before: CustomerRecord,
  stats: CustomerStatsRepository,
): Promise<FieldChanges> {
  const changes = rowChanges(row);
  const setsTotals = 'totalSpend' in changes || 'visits' in changes || 'lastVisit' in changes;
  if (!setsTotals || (before.stats.visitOrder ?? 0) <= row.order) return changes;
  const later = await stats.laterThan(before, row.order);
  if (!later) return changes;
  const { totalSpendCents, visits, lastVisit } = row.customer;
  return {
    ...changes,
    ...(totalSpendCents !== undefined && { totalSpend: totalSpendCents + later.spentCents }),
    ...(visits !== undefined && { visits: visits + later.visits }),
    ...(lastVisit !== undefined && {
      lastVisit: new Date(Math.max(Date.parse(lastVisit), later.at.getTime())),
    }),
  };
}

/** Of the fields that a merge wrote, what they held. */
export function valuesBefore(
  before: CustomerRecord,
  { fieldOrders = {} }: CustomerRecord,
  changes: FieldChanges,
  order: number,
): FieldChanges {
  const written = (Object.keys(changes) as FieldPath[]).filter(
    (path) => fieldOrders[path] === order && before.fieldOrders?.[path] !== order,
  );
  return Object.fromEntries(written.map((path) => [path, valueOf(before, path) ?? null]));
}

/** Whether a write of that order is part of the record already. */
const wasApplied = (record: CustomerRecord, order: number): boolean =>
  Object.values(record.fieldOrders ?? {}).includes(order);
