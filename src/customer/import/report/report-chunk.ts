import type { ChunkCounts, ImportChunk } from '../../jobs/customer.jobs';
import type { ChunkRows } from '../chunk-rows';
import type { ImportRecord, RejectedRow } from '../import-record';
import { isRefusal, refusedRows } from '../row-refusals';
import type { WrittenRow } from '../written-row';
import type { ReportedChunk } from './import-reports';
import { cellsByLine } from './own-cells';
import { errorLines, resultLines } from './report-lines';

/** @param written what became of the rows that are right in themselves */
export function reportChunk(
  csv: Buffer,
  { firstLine }: ImportChunk,
  record: ImportRecord,
  { rows, problems }: ChunkRows,
  written: WrittenRow[],
): ReportedChunk & { rejected: RejectedRow[] } {
  const refused = refusedRows(rows, written);
  const rejected =
    refused.length === 0 ? problems : [...problems, ...refused].sort((a, b) => a.line - b.line);
  const lines = new Set(rejected.map(({ line }) => line));
  return {
    counts: count(written, rejected.length),
    results: resultLines(rows, written, problems),
    errors:
      lines.size === 0
        ? ''
        : errorLines(rejected, cellsByLine(csv, firstLine, lines, record), record.delimiter),
    rejected,
  };
}

function count(written: WrittenRow[], rejected: number): ChunkCounts {
  const counts: ChunkCounts = { created: 0, updated: 0, unchanged: 0, skipped: 0, rejected };
  for (const { outcome } of written) if (!isRefusal(outcome)) counts[outcome] += 1;
  return counts;
}
