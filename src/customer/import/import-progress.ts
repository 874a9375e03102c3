import { Injectable } from '@nestjs/common';
import { cloudEvent } from '../../events/customer-events';
import { EventPublisher } from '../../events/event-publisher';
import { ImportMetrics } from '../../monitoring/metrics/import-metrics';
import type { ChunkCounts, ImportChunk, UndoChunk } from '../jobs/customer.jobs';
import { ImportArrivals } from './import-arrivals';
import { importContext, importData, importEnded } from './import-events';
import type { ImportRecord, RejectedRow } from './import-record';
import { ImportRecords, isOver } from './import-records';
import { UndoRecords } from './undo/undo-records';

export const NOTHING: ChunkCounts = { created: 0, updated: 0, unchanged: 0, skipped: 0, rejected: 0 };

/** Counts what becomes of an import's chunks, and tells subscribers: the API side of it is `ImportIntake`. */
@Injectable()
export class ImportProgress {
  constructor(
    private readonly records: ImportRecords,
    private readonly arrivals: ImportArrivals,
    private readonly events: EventPublisher,
    private readonly undos: UndoRecords,
    private readonly metrics: ImportMetrics,
  ) {}

  /** A chunk of it is in work: does for the API what it did not come to, if it died right after queueing the jobs. */
  async begin(record: ImportRecord): Promise<void> {
    if (!record.confirmed || !record.announced) await this.arrivals.confirm(record, 0);
    if (record.status !== 'queued') return;
    await this.arrivals.handOn(record);
    await this.records.begin(record.importId);
  }

  async chunkDone(
    record: ImportRecord,
    chunk: number,
    counts: ChunkCounts,
    problems: RejectedRow[],
  ): Promise<void> {
    const isFirst = await this.records.settle(record, chunk, counts, { problems });
    if (isFirst && !record.dryRun) this.metrics.settled(counts);
  }

  /** The chunk is not written any more: its import was cancelled before it was begun. What is undone stays as it is. */
  async chunkSkipped(chunk: ImportChunk): Promise<void> {
    const record = await this.records.findQueued(chunk.tenantId, chunk.importId);
    if (!record?.undo) await this.records.settle(chunk, chunk.chunk, NOTHING);
  }

  async undoFailed(chunk: UndoChunk): Promise<void> {
    await this.undos.fail(chunk, chunk.chunk);
  }

  /** The chunk's rows are lost for this import, which ends as failed; the others go on. */
  async chunkFailed(payload: ImportChunk, reason: string): Promise<void> {
    const record = await this.records.findQueued(payload.tenantId, payload.importId);
    if (record) await this.begin(record);
    const lines = `Rows from line ${payload.firstLine} on (${payload.rows}) were not imported. ${reason}`;
    await this.records.settle(payload, payload.chunk, NOTHING, { error: lines });
    await this.announce(payload);
  }

  /** Also after a repeated delivery: the worker before may have died between counting and telling. @returns the import */
  async announce({ tenantId, importId, chunk }: ImportChunk): Promise<ImportRecord | undefined> {
    const record = await this.records.find(tenantId, importId);
    if (!record) return undefined;
    const context = importContext(record, `${importId}-${chunk}`);
    const progress = cloudEvent('customer.import.progress', context, importData(record));
    await this.events.publish(progress);
    if (isOver(record.status)) await this.events.publish(importEnded(record));
    return record;
  }
}
