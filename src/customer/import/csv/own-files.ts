import { FORMULA_START } from '../report/spreadsheet-cell';
import { ATTRIBUTE_PREFIX, CUSTOMER_FIELDS, fieldNamed } from './column-names';
import type { CsvLayout } from './csv-layout';
import { lenientFields } from './record-fields';

/** The first columns of an `errors.csv`: where a row was, and why it was rejected. The row's own columns follow. */
const REPORT_COLUMNS = ['line', 'reason'];

/** The first columns of an export: what a customer is known by here, and nobody can choose. Its fields follow. */
const IDENTITY_COLUMNS = ['customerId', 'createdAt', 'updatedAt'];
/** All that each export begins with, by which one is known; a column per attribute follows. */
export const EXPORT_COLUMNS: readonly string[] = [...IDENTITY_COLUMNS, ...CUSTOMER_FIELDS];

/** What a spreadsheet would take for a formula got a `'` in front there, and so did what looks as if it had one. */
const MARKED = new RegExp(`^'+${FORMULA_START}`);

/** How many columns at the beginning are ours, and say nothing of a customer; 0 for a file that we did not write. */
export function ownColumns(header: readonly string[]): number {
  const beginsWith = (columns: readonly string[]): boolean =>
    columns.every((name, index) => header[index]?.trim() === name);
  if (beginsWith(REPORT_COLUMNS)) return REPORT_COLUMNS.length;
  return beginsWith(EXPORT_COLUMNS) ? IDENTITY_COLUMNS.length : 0;
}

/** Whether a file is an `errors.csv` or an export of ours that comes back. */
export const isOwnFile = (header: readonly string[]): boolean => ownColumns(header) > 0;

/** The column of an attribute in an export: its key, or one that is taken for nothing else. */
export const attributeColumn = (key: string): string =>
  fieldNamed(key) !== undefined || IDENTITY_COLUMNS.includes(key) ? `${ATTRIBUTE_PREFIX}${key}` : key;

/** Takes the mark off a cell that was made safe for spreadsheets. */
export const withoutMark = (cell: string): string => (MARKED.test(cell) ? cell.slice(1) : cell);

/** The header texts of a file's own columns: a file of ours that came back is not reported with what we added. */
export const ownHeader = ({ header, columns }: CsvLayout): readonly string[] =>
  header.slice(ignoredColumns({ header, columns }));

/**
 * The cells that a row has in a file's own columns, whether or not it can be read.
 * @param record text of the row without its line end
 */
export function ownCells(record: string, layout: CsvLayout): string[] {
  const cells = lenientFields(record, layout.delimiter);
  return isOwnFile(layout.header) ? cells.slice(ignoredColumns(layout)).map(withoutMark) : cells;
}

/** How many of our columns at the beginning are ignored: those that someone mapped to something are his own. */
function ignoredColumns({ header, columns }: Pick<CsvLayout, 'header' | 'columns'>): number {
  const ours = ownColumns(header);
  return columns.slice(0, ours).every((column) => 'ignored' in column) ? ours : 0;
}
