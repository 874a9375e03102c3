import { merge, type FieldPath, type FieldValue } from '../../customer.merge';
import type { CustomerRecord } from '../../customer.schema';
import type { RowChange } from './change-log';
import { writtenAt } from './put-back';
import type { UndoPlaces } from './undo-places';

/** What the undo makes of a customer: the record to be written, or nothing when it is done, or not possible. */
export type UndoJudgement = { after: CustomerRecord } | 'done' | 'conflict';

const TOTALS: readonly string[] = ['totalSpend', 'visits', 'lastVisit'] satisfies FieldPath[];

/** A customer that a row of the import created is deleted, unless anybody did anything to it since. */
export function judgeCreated(record: CustomerRecord, row: number, places: UndoPlaces): UndoJudgement {
  const { deletedOrder } = record;
  if (deletedOrder !== undefined && places.isOfUndo(deletedOrder)) return 'done';
  const { fields, visits } = places.since(record);
  if (record.deletedAt !== null || fields.length > 0 || visits.length > 0) return 'conflict';
  return { after: { ...record, deletedAt: new Date(), deletedOrder: places.undoOf(row) } };
}

/**
 * A customer that was there gets back what the rows changed, unless anybody changed it between the import and the undo.
 * What was accepted after the undo stays: per field, the later place wins.
 */
export function judgeChanged(
  record: CustomerRecord,
  changes: readonly RowChange[],
  places: UndoPlaces,
): UndoJudgement {
  const isBeforeUndo = (place: number): boolean => !places.isAfterUndo(place);
  const { fields, visits } = places.since(record);
  if ([...fields, ...visits].some(isBeforeUndo)) return 'conflict';
  let after = record;
  for (const { order, before, places: writtenBefore } of latestOfEach(changes)) {
    for (const [path, value] of Object.entries(before) as [FieldPath, FieldValue][]) {
      if (!places.isFromRowOn(order, writtenAt(after, path))) continue;
      // The totals contain visits that were counted after the undo was accepted: which, is not known any more.
      if (visits.length > 0 && TOTALS.includes(path)) return 'conflict';
      const by = places.undoOf(order);
      const { record: merged } = merge(after, { [path]: value }, by);
      // All attributes may have been removed after the undo was accepted.
      if (merged.fieldOrders?.[path] !== by) continue;
      after = { ...merged, putBack: { ...merged.putBack, [path]: { by, to: writtenBefore?.[path] ?? 0 } } };
    }
  }
  return after === record ? 'done' : { after };
}

/** A change may have been written down, not made since the customer was changed by others, and made in another way. */
function latestOfEach(changes: readonly RowChange[]): RowChange[] {
  const latest = new Map<string, RowChange>();
  for (const { before, ...change } of changes)
    for (const [path, value] of Object.entries(before))
      latest.set(`${change.order} ${path}`, { ...change, before: { [path]: value } });
  return [...latest.values()];
}
