import { CR, LF } from '../import/csv/csv-bytes';
import { isOwnFile, withoutMark } from '../import/csv/own-files';
import type { CsvLayout } from '../import/csv/csv-layout';
import { lenientFields, recordText } from '../import/csv/record-fields';
import { RecordSplitter } from '../import/csv/record-splitter';
import { toLine } from '../import/report/report-lines';
import { hasErasedEmail, type ErasedTraces } from './erased-traces';

const FILLER = 'x'.charCodeAt(0);
const QUOTE = '"'.charCodeAt(0);

/**
 * Writes over the rows of a chunk that have an erased email. Delimiters, quotes and line ends stay, so all rows have the
 * places they had; what is left of such a row is rejected for its email.
 * @returns undefined when there is no such row
 */
export function withBlankRows(
  csv: Buffer,
  { header, delimiter }: CsvLayout,
  tenantId: string,
  erased: ErasedTraces,
): Buffer | undefined {
  const kept = new Set([CR, LF, QUOTE, delimiter.charCodeAt(0)]);
  const isMarked = isOwnFile(header);
  let blanked: Buffer | undefined;
  const splitter = splitterOf(csv, delimiter);
  while (splitter.next()) {
    const { recordStart, recordEnd } = splitter;
    const fields = lenientFields(recordText(csv, recordStart, recordEnd), delimiter);
    if (!hasErasedEmail(isMarked ? fields.map(withoutMark) : fields, tenantId, erased)) continue;
    blanked ??= Buffer.from(csv);
    for (let at = recordStart; at < recordEnd; at++) if (!kept.has(blanked[at] ?? 0)) blanked[at] = FILLER;
  }
  return blanked;
}

/** Lines of `results.csv` without the ids of those who were erased: how many rows came to what stays. */
export const withoutIds = (lines: string, { ids }: ErasedTraces): string =>
  lines
    .split('\r\n')
    .map((line) => {
      const at = line.lastIndexOf(',') + 1;
      return ids.has(line.slice(at)) ? line.slice(0, at) : line;
    })
    .join('\r\n');

/** Lines of `errors.csv`: a row with an erased email keeps its line and its reason, which never repeats a value. */
export function withoutCells(
  lines: string,
  delimiter: CsvLayout['delimiter'],
  tenantId: string,
  erased: ErasedTraces,
): string {
  const csv = Buffer.from(lines);
  const splitter = splitterOf(csv, delimiter);
  let kept = '';
  while (splitter.next()) {
    const { recordStart, recordEnd } = splitter;
    const [line = '', reason = '', ...cells] = lenientFields(
      recordText(csv, recordStart, recordEnd),
      delimiter,
    );
    kept += hasErasedEmail(cells.map(withoutMark), tenantId, erased)
      ? toLine([line, reason, ...cells.map(() => '')], delimiter)
      : csv.toString('utf8', recordStart, recordEnd);
  }
  return kept;
}

function splitterOf(csv: Buffer, delimiter: CsvLayout['delimiter']): RecordSplitter {
  const splitter = new RecordSplitter(Infinity, delimiter, 1);
  splitter.feed(csv);
  splitter.end();
  return splitter;
}
