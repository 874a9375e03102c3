import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../../config/environment';
import { decodeChunk, encodeChunk } from '../import/csv/chunk-codec';
import { CSV_LIMITS } from '../import/csv/csv-limits';
import { ImportKeys } from '../import/import-keys';
import type { ImportRecord } from '../import/import-record';
import { ImportRecords, isOver } from '../import/import-records';
import { withBlankRows } from './blank-rows';
import type { ErasedTraces } from './erased-traces';

/** Imports of a tenant's list that are looked at in one go. */
const PAGE = 200;

/** Writes over the rows of people who were erased in files that wait, or whose chunks are dead letters. */
@Injectable()
export class ErasedChunks {
  private readonly keys: ImportKeys;

  constructor(
    private readonly redis: Redis,
    private readonly records: ImportRecords,
    private readonly environment: Environment,
  ) {
    this.keys = new ImportKeys(environment.redis.prefix);
  }

  /** @param order what was accepted later stays as it is */
  async clean(tenantId: string, order: number, erased: ErasedTraces): Promise<void> {
    for (let behind = '-'; ;) {
      const list = this.keys.list(tenantId);
      const ids = await this.redis.zrangebylex(list, behind, '+', 'LIMIT', 0, PAGE);
      for (const importId of ids) {
        const record = await this.records.findQueued(tenantId, importId);
        const hasChunks = record && (!isOver(record.status) || record.status === 'failed');
        // One that is planned has a place of that time; it was accepted, and its rows were written, before.
        if (hasChunks && record.acceptedAt * 1000 < order) await this.cleanImport(record, erased);
      }
      if (ids.length < PAGE) return;
      behind = `(${ids.at(-1) ?? ''}`;
    }
  }

  private async cleanImport(record: ImportRecord, erased: ErasedTraces): Promise<void> {
    const maxBytes = CSV_LIMITS.maxChunkBytes + this.environment.import.maxRecordBytes;
    for (let chunk = 0; chunk < record.chunks; chunk++) {
      const bytes = await this.records.chunkBytes(record.importId, chunk);
      const blanked =
        bytes && withBlankRows(decodeChunk(bytes, { maxBytes }), record, record.tenantId, erased);
      if (!blanked) continue;
      // Only where it is still there; a chunk never changes but by this, and beside a twin it comes to the same.
      await this.redis.set(
        this.keys.chunk(record.importId, chunk),
        encodeChunk(blanked),
        'KEEPTTL',
        'XX' as never,
      );
    }
  }
}
