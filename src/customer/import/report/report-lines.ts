import type { RejectedRow } from '../import-record';
import type { ImportRow } from '../import-row';
import { REFUSALS } from '../row-refusals';
import type { RowOutcome, WrittenRow } from '../written-row';
import { toCell } from './spreadsheet-cell';

export const RESULTS_HEADER = 'line,outcome,customerId\r\n';

/** One line of CSV per row of a chunk, in the order of the file. @param problems of rows that were not written, by line */
export function resultLines(rows: ImportRow[], written: WrittenRow[], problems: RejectedRow[]): string {
  let lines = '';
  let next = 0;
  const rejectedBefore = (line: number): string => {
    let rejected = '';
    for (let problem = problems[next]; problem && problem.line < line; problem = problems[++next])
      rejected += `${problem.line},rejected,\r\n`;
    return rejected;
  };
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index] as ImportRow;
    const { outcome, customerId } = written[index] as WrittenRow;
    if (next < problems.length) lines += rejectedBefore(row.line);
    lines += `${row.line},${shown(outcome)},${customerId ?? ''}\r\n`;
  }
  return lines + rejectedBefore(Infinity);
}

const shown = (outcome: RowOutcome): string => (outcome in REFUSALS ? 'rejected' : outcome);

/** With a byte order mark, by which spreadsheets know that it is UTF-8. */
export const errorsHeader = (header: readonly string[], delimiter: string): string =>
  `\uFEFF${toLine(['line', 'reason', ...header], delimiter)}`;

/** One line of CSV per rejected row. @param cellsOf the row's own cells */
export const errorLines = (
  rejected: RejectedRow[],
  cellsOf: ReadonlyMap<number, readonly string[]>,
  delimiter: string,
): string =>
  rejected
    .map((problem) =>
      toLine([String(problem.line), reasonOf(problem), ...(cellsOf.get(problem.line) ?? [])], delimiter),
    )
    .join('');

/** One row as a line of CSV. */
export const toLine = (cells: readonly string[], delimiter: string): string =>
  `${cells.map((cell) => toCell(cell, delimiter)).join(delimiter)}\r\n`;

/** A message names its field nearly always. */
const reasonOf = ({ field, message }: RejectedRow): string =>
  field === undefined || message.includes(field) ? message : `${field}: ${message}`;
