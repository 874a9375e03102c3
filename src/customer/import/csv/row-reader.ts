import type { Columns } from './columns';
import type { CsvLayout } from './csv-layout';
import { isOwnFile, withoutMark } from './own-files';
import { MalformedQuotes, readFields, recordText } from './record-fields';
import { RecordSplitter } from './record-splitter';
import { checkRow, columnLabel, type CheckedRow, type RowProblem } from './row-check';

/** One data row of a file. */
export type CsvRow = CheckedRow & {
  /** Physical line, counted from 1, on which the row begins. */
  line: number;
  /** Index among the data rows of the file, from 0. */
  row: number;
};

/**
 * Reads and checks the rows of one chunk. A bad row is a result like any other.
 *
 * The `RecordSplitter` that cut the chunk finds the rows in it too, so both always agree on their number and lines.
 * @param bytes a chunk's bytes, as cut
 * @param firstLine line of the chunk's first record
 * @param firstRow index of the chunk's first record
 */
export function* readRows(
  bytes: Buffer,
  { header, columns, delimiter }: CsvLayout,
  firstLine: number,
  firstRow: number,
): Generator<CsvRow, void, undefined> {
  const splitter = new RecordSplitter(Infinity, delimiter, firstLine);
  const isMarked = isOwnFile(header);
  splitter.feed(bytes);
  splitter.end();
  for (let row = firstRow; splitter.next(); row++) {
    const fields = readFields(recordText(bytes, splitter.recordStart, splitter.recordEnd), delimiter);
    const checked =
      fields instanceof MalformedQuotes
        ? ({ ok: false, problem: malformed(fields, columns) } as const)
        : checkRow(isMarked ? fields.map(withoutMark) : fields, columns);
    yield { line: splitter.recordLine, row, ...checked };
  }
}

/** What is wrong with a row whose cells nobody can tell apart. */
export function malformed({ field: index }: MalformedQuotes, columns: Columns): RowProblem {
  const field = columnLabel(columns[index]);
  const problem = { code: 'malformed_quotes', message: 'there is text after a closing quote' } as const;
  return field === undefined ? problem : { field, ...problem };
}
