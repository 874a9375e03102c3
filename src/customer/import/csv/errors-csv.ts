import type { CsvLayout } from './csv-layout';
import { lenientFields } from './record-fields';

/** The first columns of an `errors.csv`: where a row was, and why it was rejected. The row's own columns follow. */
const REPORT_COLUMNS = ['line', 'reason'];

/** What a spreadsheet would take for a formula got a `'` in front there, and so did what looks as if it had one. */
const MARKED = /^'+[=+\-@\t\r]/;

/** Whether a file is an `errors.csv` of ours that comes back, corrected. */
export const isErrorsCsv = (header: readonly string[]): boolean =>
  REPORT_COLUMNS.every((name, index) => header[index]?.trim() === name);

/** Takes the mark off a cell that was made safe for spreadsheets. */
export const withoutMark = (cell: string): string => (MARKED.test(cell) ? cell.slice(1) : cell);

/** The header texts of a file's own columns: an `errors.csv` that came back is not reported with its reports. */
export const ownHeader = ({ header, columns }: CsvLayout): readonly string[] =>
  header.slice(reportColumns({ header, columns }));

/**
 * The cells that a row has in a file's own columns, whether or not it can be read.
 * @param record text of the row without its line end
 */
export function ownCells(record: string, layout: CsvLayout): string[] {
  const cells = lenientFields(record, layout.delimiter);
  return isErrorsCsv(layout.header) ? cells.slice(reportColumns(layout)).map(withoutMark) : cells;
}

/** How many columns at the beginning are of our report: those that someone mapped to something are his own. */
function reportColumns({ header, columns }: Pick<CsvLayout, 'header' | 'columns'>): number {
  const areIgnored = REPORT_COLUMNS.every((_, index) => 'ignored' in (columns[index] ?? {}));
  return isErrorsCsv(header) && areIgnored ? REPORT_COLUMNS.length : 0;
}
