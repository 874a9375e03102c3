import type { CsvChunk } from './chunk-cutter';
import type { CsvLayout } from './csv-layout';
import { isOwnFile, withoutMark } from './own-files';
import { lenientFields, MalformedQuotes, readFields, recordText } from './record-fields';
import { RecordSplitter } from './record-splitter';
import { rowProblems, type RowProblem } from './row-check';
import { malformed } from './row-reader';

/** Characters of a cell that are shown: more than any good one has, but for tags. */
const SHOWN = 1_000;

/** Cells of a row, and columns of a file, that are shown: a row of commas alone would be answered with three times its size. */
export const MAX_SHOWN_CELLS = 1_000;

/** A row as it is shown to a person. */
export interface JudgedRow {
  line: number;
  /** One per column, as they are in the file; not all where they are more than any good file has. */
  values: string[];
  problems: RowProblem[];
}

/** The rows of a chunk with all their problems. */
export function judgeRows({ bytes, firstLine }: CsvChunk, layout: CsvLayout): JudgedRow[] {
  const { header, columns, delimiter } = layout;
  const splitter = new RecordSplitter(Infinity, delimiter, firstLine);
  splitter.feed(bytes);
  splitter.end();
  const rows: JudgedRow[] = [];
  while (splitter.next()) {
    const text = recordText(bytes, splitter.recordStart, splitter.recordEnd);
    const fields = readFields(text, delimiter);
    const given = fields instanceof MalformedQuotes ? lenientFields(text, delimiter) : fields;
    const values = isOwnFile(header) ? given.map(withoutMark) : given;
    const problems =
      fields instanceof MalformedQuotes ? [malformed(fields, columns)] : rowProblems(values, columns);
    rows.push({ line: splitter.recordLine, values: values.slice(0, MAX_SHOWN_CELLS).map(shown), problems });
  }
  return rows;
}

const shown = (value: string): string => (value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value);
