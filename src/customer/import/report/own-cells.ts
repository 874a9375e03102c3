import type { CsvLayout } from '../csv/csv-layout';
import { ownCells } from '../csv/own-files';
import { recordText } from '../csv/record-fields';
import { RecordSplitter } from '../csv/record-splitter';

/**
 * By line, the cells that rows of a chunk have. Read once more, since nearly all chunks have no row to give back.
 * @param lines on which the rows begin
 */
export function cellsByLine(
  csv: Buffer,
  firstLine: number,
  lines: ReadonlySet<number>,
  layout: CsvLayout,
): Map<number, readonly string[]> {
  const found = new Map<number, readonly string[]>();
  const splitter = new RecordSplitter(Infinity, layout.delimiter, firstLine);
  splitter.feed(csv);
  splitter.end();
  while (found.size < lines.size && splitter.next()) {
    if (!lines.has(splitter.recordLine)) continue;
    const record = recordText(csv, splitter.recordStart, splitter.recordEnd);
    found.set(splitter.recordLine, ownCells(record, layout));
  }
  return found;
}
