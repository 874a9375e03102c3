import { Injectable } from '@nestjs/common';
import { Environment } from '../../config/environment';
import { readChunk } from '../import/chunk-rows';
import { ChunkWriter } from '../import/chunk-writer';
import { decodeChunk } from '../import/csv/chunk-codec';
import { CSV_LIMITS } from '../import/csv/csv-limits';
import { ImportProgress, NOTHING } from '../import/import-progress';
import type { ImportRecord } from '../import/import-record';
import { ImportRecords, isOver } from '../import/import-records';
import type { ChunkCounts, ImportChunk } from '../jobs/customer.jobs';
import { ChunkGone } from './chunk-gone';
import { ChunkTurn } from './chunk-turn';
import type { Handler } from './handler';

/** Persists one chunk of an import: reads its rows, checks each, writes the good ones, counts all of them once. */
@Injectable()
export class ImportChunkHandler implements Handler<'BULK_IMPORT_CUSTOMERS'> {
  constructor(
    private readonly records: ImportRecords,
    private readonly writer: ChunkWriter,
    private readonly progress: ImportProgress,
    private readonly turn: ChunkTurn,
    private readonly environment: Environment,
  ) {}

  async handle(payload: ImportChunk): Promise<ChunkCounts> {
    const { tenantId, importId, chunk } = payload;
    const [settled, record, bytes] = await Promise.all([
      this.records.settled(importId, chunk),
      this.records.findQueued(tenantId, importId),
      this.records.chunkBytes(importId, chunk),
    ]);
    if (settled !== undefined && settled !== 'failed') return this.tell(payload, settled);
    // Whatever was settled is forgotten at the end, unless it can be mended.
    if (record && isOver(record.status) && settled === undefined) return this.tell(payload, NOTHING);
    if (record && !(await this.turn.mayCome(payload, record))) return this.skip(payload);
    if (!record || !bytes) throw new ChunkGone();
    return this.write(payload, record, bytes);
  }

  private async write(payload: ImportChunk, record: ImportRecord, bytes: Buffer): Promise<ChunkCounts> {
    await this.turn.comesNext(payload, record);
    await this.progress.begin(record);
    // A chunk is cut by rows or bytes, so it is never larger than one record above its limit.
    const csv = decodeChunk(bytes, {
      maxBytes: CSV_LIMITS.maxChunkBytes + this.environment.import.maxRecordBytes,
    });
    const read = readChunk(csv, payload, record);
    if (!(await this.turn.take(payload, record.order, read.rows))) return this.skip(payload);
    const { counts, rejected } = await this.writer.write(payload, record, csv, read);
    await this.progress.chunkDone(record, payload.chunk, counts, rejected);
    return this.tell(payload, counts);
  }

  /** Its import is cancelled or undone. */
  private async skip(payload: ImportChunk): Promise<ChunkCounts> {
    await this.progress.chunkSkipped(payload);
    return this.tell(payload, NOTHING);
  }

  private async tell(payload: ImportChunk, counts: ChunkCounts): Promise<ChunkCounts> {
    const record = await this.progress.announce(payload);
    await this.turn.ended(payload, record);
    if (record && isOver(record.status)) await this.writer.end(record);
    return counts;
  }
}
