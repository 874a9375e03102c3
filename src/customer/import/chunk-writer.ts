import { Injectable } from '@nestjs/common';
import type { ChunkCounts, ImportChunk } from '../jobs/customer.jobs';
import { BulkWriter } from './bulk-writer';
import type { ChunkRows } from './chunk-rows';
import type { ImportRecord, RejectedRow } from './import-record';
import { Rehearsal } from './rehearsal/rehearsal';
import { ImportReports } from './report/import-reports';
import { ErasedImports } from '../erase/erased-imports';
import { reportChunk } from './report/report-chunk';

/** Writes the rows of a chunk, or tries them, and keeps what became of each. */
@Injectable()
export class ChunkWriter {
  constructor(
    private readonly writer: BulkWriter,
    private readonly rehearsal: Rehearsal,
    private readonly reports: ImportReports,
    private readonly erased: ErasedImports,
  ) {}

  /** May be repeated: the same rows come to the same. */
  async write(
    payload: ImportChunk,
    record: ImportRecord,
    csv: Buffer,
    read: ChunkRows,
  ): Promise<{ counts: ChunkCounts; rejected: RejectedRow[] }> {
    const { tenantId, importId, chunk } = payload;
    const target = { tenantId, importId, chunk, rule: record.onDuplicate };
    const written = await (record.dryRun ? this.rehearsal : this.writer).write(target, read.rows);
    const report = reportChunk(csv, payload, record, read, written);
    const counts = await this.reports.keep(target, report);
    // Who was erased meanwhile has no more traces removed but those that are there: these came later.
    await this.erased.removeLate(record, chunk);
    return { counts, rejected: report.rejected };
  }

  /** The import is over; where a chunk failed, it may still be mended. */
  async end(record: ImportRecord): Promise<void> {
    if (record.dryRun && record.status !== 'failed') await this.rehearsal.end(record);
  }
}
