import type { FieldChanges, FieldPath } from '../../customer.merge';
import type { CustomerRecord } from '../../customer.schema';

/**
 * Place of the write whose value a field has, 0 for that of the create. To whoever asks what happened since, a field that
 * an undo put back is as old as the value that it has again; to writes that come late, it is as new as the undo.
 */
export function writtenAt({ fieldOrders, putBack }: CustomerRecord, path: string): number {
  const order = fieldOrders?.[path] ?? 0;
  const back = putBack?.[path];
  return back?.by === order ? back.to : order;
}

/** Of fields that were changed since the create, the places of their writes. */
export function placesOfWrites(
  record: CustomerRecord,
  changes: FieldChanges,
): Record<string, number> | undefined {
  const places = (Object.keys(changes) as FieldPath[])
    .map((path): [string, number] => [path, writtenAt(record, path)])
    .filter(([, place]) => place > 0);
  return places.length === 0 ? undefined : Object.fromEntries(places);
}
