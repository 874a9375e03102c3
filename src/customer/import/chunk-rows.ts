import { rowCustomerId } from '../customer-id';
import type { ImportChunk } from '../jobs/customer.jobs';
import { readRows } from './csv/row-reader';
import type { ImportRecord, RejectedRow } from './import-record';
import type { ImportRow } from './import-row';

export interface ChunkRows {
  /** In the order of the file. */
  rows: ImportRow[];
  /** Why the others can't be taken, by line. */
  problems: RejectedRow[];
}

/** The rows of a chunk, checked, with the identity that their import gives them. */
export function readChunk(
  csv: Buffer,
  { firstLine, firstRow }: ImportChunk,
  record: ImportRecord,
): ChunkRows {
  const rows: ImportRow[] = [];
  const problems: RejectedRow[] = [];
  for (const row of readRows(csv, record, firstLine, firstRow)) {
    if (!row.ok) problems.push({ line: row.line, ...row.problem });
    else
      rows.push({
        line: row.line,
        customerId: rowCustomerId(record.importId, row.row),
        order: record.order + row.row,
        acceptedAt: record.acceptedAt,
        customer: row.customer,
      });
  }
  return { rows, problems };
}
