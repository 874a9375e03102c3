import { Injectable } from '@nestjs/common';
import { Environment } from '../../config/environment';
import { CUSTOMER_LIMITS } from '../customer.limits';
import { rowCustomerId } from '../customer-id';
import { BulkWriter } from '../import/bulk-writer';
import { decodeChunk } from '../import/csv/chunk-codec';
import { readRows } from '../import/csv/row-reader';
import { ImportProgress } from '../import/import-progress';
import type { ImportRecord, RejectedRow } from '../import/import-record';
import { ImportRecords } from '../import/import-records';
import type { ImportRow } from '../import/import-row';
import type { RowOutcome, RowRefusal, WrittenRow } from '../import/written-row';
import type { ChunkCounts, ImportChunk } from '../jobs/customer.jobs';
import { ChunkGone } from './chunk-gone';
import { ChunkTurn } from './chunk-turn';
import type { Handler } from './handler';

/** Persists one chunk of an import: reads its rows, checks each, writes the good ones, counts all of them once. */
@Injectable()
export class ImportChunkHandler implements Handler<'BULK_IMPORT_CUSTOMERS'> {
  constructor(
    private readonly records: ImportRecords,
    private readonly writer: BulkWriter,
    private readonly progress: ImportProgress,
    private readonly turn: ChunkTurn,
    private readonly environment: Environment,
  ) {}

  async handle(payload: ImportChunk): Promise<ChunkCounts> {
    const { tenantId, importId, chunk } = payload;
    const settled = await this.records.settledCounts(importId, chunk);
    if (settled) {
      await this.progress.announce(payload);
      return settled;
    }
    const [record, bytes] = await Promise.all([
      this.records.findQueued(tenantId, importId),
      this.records.chunkBytes(importId, chunk),
    ]);
    if (!record || !bytes) throw new ChunkGone();
    await this.progress.begin(record);
    const { rows, problems } = this.read(payload, record, bytes);
    await this.turn.take(tenantId, record.order, rows);
    const written = await this.writer.write({ tenantId, importId, chunk, rule: record.onDuplicate }, rows);
    const rejected = [...problems, ...refused(rows, written)].sort((a, b) => a.line - b.line);
    const counts = count(written, rejected.length);
    await this.progress.chunkDone(payload, counts, rejected);
    return counts;
  }

  private read({ firstLine, firstRow }: ImportChunk, record: ImportRecord, bytes: Buffer) {
    // A chunk is cut by rows or bytes, so it is never larger than one record above its limit.
    const csv = decodeChunk(bytes, { maxBytes: 2 * 1024 * 1024 + this.environment.import.maxRecordBytes });
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
}

const REFUSALS: Record<RowRefusal, Omit<RejectedRow, 'line'>> = {
  duplicate: { field: 'email', code: 'duplicate', message: 'another customer has this email' },
  too_many_attributes: {
    field: 'attributes',
    code: 'too_many',
    message: `the customer would have more than ${CUSTOMER_LIMITS.attributes} attributes`,
  },
};

const isRefusal = (outcome: RowOutcome | undefined): outcome is RowRefusal =>
  outcome !== undefined && Object.hasOwn(REFUSALS, outcome);

const refused = (rows: ImportRow[], written: WrittenRow[]): RejectedRow[] =>
  rows.flatMap(({ line }, index) => {
    const outcome = written[index]?.outcome;
    return isRefusal(outcome) ? [{ line, ...REFUSALS[outcome] }] : [];
  });

function count(written: WrittenRow[], rejected: number): ChunkCounts {
  const counts: ChunkCounts = { created: 0, updated: 0, unchanged: 0, skipped: 0, rejected };
  for (const { outcome } of written) if (!isRefusal(outcome)) counts[outcome] += 1;
  return counts;
}
