import { CUSTOMER_LIMITS } from './customer.limits';
import type { AttributeValue, CustomerRecord } from './customer.schema';

/** One field of a customer as a path: `attributes:key` is one key of `attributes`, `attributes` all of them. */
export type FieldPath =
  | 'name'
  | 'email'
  | 'phone'
  | 'address'
  | 'tags'
  | 'totalSpend'
  | 'visits'
  | 'lastVisit'
  | 'attributes'
  | `attributes:${string}`;

/** More changes of email than happen while an import waits. */
const MAX_FORMER_EMAILS = 10;

/** New values by field; `null` removes the field. */
export type FieldChanges = Partial<Record<FieldPath, FieldValue>>;
export type FieldValue = AttributeValue | Date | string[] | null;

export interface Merged {
  record: CustomerRecord;
  /** Whether a value that a reader sees is another one now. */
  changed: boolean;
  /** Whether there is anything to store: of a write that comes again, or after later ones alone, there is nothing. */
  applied: boolean;
}

/**
 * Applies a write that was accepted at `order` to a customer, per field and only where no later write came first.
 * Applying it twice, or after a later one, gives the same record: jobs run in any order.
 */
export function merge(current: CustomerRecord, changes: FieldChanges, order: number): Merged {
  const record: CustomerRecord = {
    ...current,
    attributes: { ...current.attributes },
    stats: { ...current.stats },
    fieldOrders: { ...current.fieldOrders },
  };
  let changed = false;
  let applied = false;
  for (const [path, value] of Object.entries(changes) as [FieldPath, FieldValue][]) {
    if (path === 'attributes') {
      // Of attributes that are older than the latest of these none is left.
      applied = order > (record.fieldOrders?.attributes ?? 0) || applied;
      changed = clearAttributes(record, order) || changed;
    } else if (order > orderOf(record, path)) {
      const isOther = !isSame(valueOf(record, path), value);
      if (isOther && path === 'email') rememberEmail(record, order);
      changed = isOther || changed;
      applied = true;
      write(record, path, value);
      (record.fieldOrders ??= {})[path] = order;
    }
  }
  return { record, changed, applied };
}

/** Whether {@link merge} would change what a reader sees; most rows of a file that is imported again do not. */
export function changesAnything(current: CustomerRecord, changes: FieldChanges, order: number): boolean {
  for (const path in changes) {
    // Whether that removes any is for the merge to see.
    if (path === 'attributes') return true;
    const field = path as FieldPath;
    const value = changes[field] as FieldValue;
    if (!isSame(valueOf(current, field), value) && order > orderOf(current, field)) return true;
  }
  return false;
}

export const hasTooManyAttributes = ({ attributes }: CustomerRecord): boolean =>
  Object.keys(attributes).length > CUSTOMER_LIMITS.attributes;

/** New values as a body or a row names them; absent ones do not change. */
export type NamedChanges = { [F in Exclude<FieldPath, `attributes${string}`>]?: FieldValue | undefined } & {
  attributes?: Record<string, AttributeValue | null> | null | undefined;
};

/** The same changes by path. */
export function toFieldChanges({ attributes, ...fields }: NamedChanges): FieldChanges {
  const changes: FieldChanges = {};
  for (const [field, value] of Object.entries(fields)) {
    if (value !== undefined) changes[field as FieldPath] = value;
  }
  if (attributes === null) changes.attributes = null;
  for (const [key, value] of Object.entries(attributes ?? {})) changes[`attributes:${key}`] = value;
  return changes;
}

/** A row of an import that was accepted before finds its customer by the email it had then. */
function rememberEmail(record: CustomerRecord, order: number): void {
  record.formerEmails = [...(record.formerEmails ?? []), { email: record.email, order }].slice(
    -MAX_FORMER_EMAILS,
  );
}

/** Removes every attribute that is older than `order`. */
function clearAttributes(record: CustomerRecord, order: number): boolean {
  let changed = false;
  for (const key of Object.keys(record.attributes)) {
    if (order <= orderOf(record, `attributes:${key}`)) continue;
    write(record, `attributes:${key}`, null);
    changed = true;
  }
  const orders = (record.fieldOrders ??= {});
  orders.attributes = Math.max(order, orders.attributes ?? 0);
  return changed;
}

/** When a field was last written: a field that was never given, like totals that start at 0, is older than any write. */
function orderOf(record: CustomerRecord, path: FieldPath): number {
  const written = record.fieldOrders?.[path] ?? (isGiven(valueOf(record, path)) ? record.order : 0);
  return path.startsWith('attributes:') ? Math.max(written, record.fieldOrders?.attributes ?? 0) : written;
}

/** A field that was never given holds nothing, and a total 0. */
const isGiven = (value: FieldValue | undefined): boolean =>
  value !== undefined && value !== null && value !== 0;

/** What a field holds now. */
export function valueOf(record: CustomerRecord, path: FieldPath): FieldValue | undefined {
  if (path === 'attributes') return undefined;
  if (path === 'totalSpend') return record.stats.spendCents;
  if (path === 'visits') return record.stats.visits;
  if (path === 'lastVisit') return record.stats.lastVisit;
  if (path === 'name' || path === 'email' || path === 'phone' || path === 'address' || path === 'tags')
    return record[path];
  return record.attributes[attributeKey(path)];
}

function write(record: CustomerRecord, path: FieldPath, value: FieldValue): void {
  if (path === 'totalSpend') record.stats.spendCents = value as number;
  else if (path === 'visits') record.stats.visits = value as number;
  else if (path === 'lastVisit') record.stats.lastVisit = value as Date | null;
  else if (path.startsWith('attributes:')) setOrDelete(record.attributes, attributeKey(path), value);
  else setOrDelete(record as unknown as Record<string, unknown>, path, value);
}

function setOrDelete(target: Record<string, unknown>, key: string, value: FieldValue): void {
  if (value === null) Reflect.deleteProperty(target, key);
  else target[key] = value;
}

const attributeKey = (path: string): string => path.slice('attributes:'.length);

function isSame(before: FieldValue | undefined, after: FieldValue): boolean {
  if (before === undefined || before === null) return after === null;
  if (before instanceof Date) return after instanceof Date && before.getTime() === after.getTime();
  if (Array.isArray(before)) {
    return (
      Array.isArray(after) &&
      before.length === after.length &&
      before.every((tag, index) => tag === after[index])
    );
  }
  return before === after;
}
