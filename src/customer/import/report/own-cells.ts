import { MalformedQuotes, readFields, recordText } from '../csv/record-fields';
import { RecordSplitter } from '../csv/record-splitter';

/**
 * The cells that rows of a chunk have, as they are. Read once more, since nearly all chunks have no row to give back.
 * @param lines on which the rows begin
 */
export function ownCells(
  csv: Buffer,
  firstLine: number,
  lines: ReadonlySet<number>,
  delimiter: string,
): Map<number, readonly string[]> {
  const found = new Map<number, readonly string[]>();
  const splitter = new RecordSplitter(Infinity, firstLine);
  splitter.feed(csv);
  splitter.end();
  while (found.size < lines.size && splitter.next()) {
    if (!lines.has(splitter.recordLine)) continue;
    const text = recordText(csv, splitter.recordStart, splitter.recordEnd);
    const fields = readFields(text);
    // Where its quotes are wrong, nobody knows where its cells end.
    found.set(splitter.recordLine, fields instanceof MalformedQuotes ? text.split(delimiter) : fields);
  }
  return found;
}
