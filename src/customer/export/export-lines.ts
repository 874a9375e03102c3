import { fromCents } from '../api/money';
import type { CustomerRecord } from '../customer.schema';
import { attributeColumn, EXPORT_COLUMNS } from '../import/csv/own-files';
import { toLine } from '../import/report/report-lines';

const DELIMITER = ',';

/** With a byte order mark, by which spreadsheets know that it is UTF-8. @param keys attributes that have a column */
export const exportHeader = (keys: readonly string[]): string =>
  `\uFEFF${toLine([...EXPORT_COLUMNS, ...keys.map(attributeColumn)], DELIMITER)}`;

/** A customer as a line under that header. */
export function exportLine(customer: CustomerRecord, keys: readonly string[]): string {
  const { _id, createdAt, updatedAt, name, email, phone = '', address = '', tags = [], stats } = customer;
  const { attributes } = customer;
  const cells = [
    ...[_id, createdAt.toISOString(), updatedAt.toISOString()],
    ...[name, email, phone, address, tags.join(';')],
    ...[fromCents(stats.spendCents), String(stats.visits), stats.lastVisit?.toISOString() ?? ''],
    // A key may be called as something that every object has.
    ...keys.map((key) => (Object.hasOwn(attributes, key) ? String(attributes[key]) : '')),
  ];
  return toLine(cells, DELIMITER);
}
