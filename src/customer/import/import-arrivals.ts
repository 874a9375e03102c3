import { Inject, Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../../config/environment';
import { cloudEvent } from '../../events/customer-events';
import { EventPublisher } from '../../events/event-publisher';
import { LOGGER, type Logger } from '../../logging/logger';
import { fromHash, toHash } from './import-hash';
import { ImportKeys } from './import-keys';
import type { ImportRecord, NewImport } from './import-record';

const HOUR_MS = 3_600_000;
/** How long an import that waits is kept: longer than any job waits. */
const WAITING_TTL_MS = 30 * 24 * HOUR_MS;
/** How long what is not confirmed is kept: as long as its upload can be repeated. */
const ARRIVING_TTL_MS = 24 * HOUR_MS;
/** Longer than the record's: where there is a record, there are its chunks. */
const ARRIVING_CHUNK_TTL_MS = 2 * ARRIVING_TTL_MS;
/** Imports a tenant's list holds. */
const MAX_LISTED = 10_000;
/** Keys whose time to live is set in one go. */
const BATCH = 1_000;

/** Confirms, once. KEYS: record. ARGV: ms to live. Returns whether it was announced, -1 when there is no record. */
const CONFIRM = `
if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
if redis.call('HDEL', KEYS[1], 'unconfirmed') == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return redis.call('HEXISTS', KEYS[1], 'announced')`;

/** KEYS: record. */
const MARK_ANNOUNCED = `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'announced', 1) end`;

/**
 * An import from its first byte until its jobs are queued. All that is stored goes by itself within two days unless it
 * is confirmed, which is done once the jobs are there: by the API, or by the worker that has a job of it when the API
 * died in between.
 */
@Injectable()
export class ImportArrivals {
  private readonly keys: ImportKeys;

  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
    private readonly events: EventPublisher,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.keys = new ImportKeys(environment.redis.prefix);
  }

  async storeChunk(importId: string, chunk: number, bytes: Buffer): Promise<void> {
    await this.redis.set(this.keys.chunk(importId, chunk), bytes, 'PX', ARRIVING_CHUNK_TTL_MS);
  }

  /** Writes the record of a file that is stored whole; nobody is shown it yet. */
  async register(record: NewImport): Promise<void> {
    const { importId, tenantId, delayMs } = record;
    const list = this.keys.list(tenantId);
    const outcome = await this.redis
      .multi()
      .hset(this.keys.record(importId), { ...toHash(record), unconfirmed: 1 })
      .pexpire(this.keys.record(importId), ARRIVING_TTL_MS)
      .zadd(list, 0, importId)
      .zremrangebyrank(list, 0, -MAX_LISTED - 1)
      .pexpire(list, WAITING_TTL_MS + Math.ceil(delayMs) + this.environment.import.retentionMs)
      .exec();
    for (const [error] of outcome ?? []) if (error) throw error;
  }

  /** @returns the import that an earlier try registered */
  async registered(importId: string): Promise<ImportRecord | undefined> {
    const hash = await this.redis.hgetall(this.keys.record(importId));
    return hash.tenantId === undefined ? undefined : fromHash(importId, hash);
  }

  /** Undoes an arrival that did not come to its end. */
  async discard(tenantId: string, importId: string, chunks: number): Promise<void> {
    const chunkKeys = Array.from({ length: chunks }, (_, chunk) => this.keys.chunk(importId, chunk));
    await Promise.all([
      this.redis.zrem(this.keys.list(tenantId), importId),
      this.redis.unlink(this.keys.record(importId), ...chunkKeys),
    ]);
  }

  /**
   * Its jobs are queued: keeps the import as long as it may wait, shows it, and tells subscribers.
   * @param delayMs until the jobs are due
   */
  async confirm(record: NewImport | ImportRecord, delayMs: number): Promise<void> {
    const ttlMs = WAITING_TTL_MS + Math.ceil(delayMs);
    // First: once it is confirmed, nobody looks after the chunks again.
    await this.extendChunks(record, ttlMs);
    const announced = await this.redis.eval(CONFIRM, 1, this.keys.record(record.importId), ttlMs);
    if (announced === -1) throw new Error(`Import ${record.importId} expired before it was confirmed`);
    if (announced === 0) await this.announce(record);
  }

  /** A failure fails nothing: the worker announces what is not marked as announced. */
  private async announce({ importId, tenantId, userId, requestId, rows, dryRun }: NewImport | ImportRecord) {
    const context = { step: importId, subject: importId, tenantId, requestId };
    const counts = { rows, processed: 0 };
    const data = { jobId: importId, userId, importId, counts, ...(dryRun && { dryRun }) };
    try {
      await this.events.publish(cloudEvent('customer.import.queued', context, data));
      await this.redis.eval(MARK_ANNOUNCED, 1, this.keys.record(importId));
    } catch (error) {
      this.logger.warn({ err: error, importId, tenantId }, 'A queued import was not announced yet');
    }
  }

  private async extendChunks({ importId, chunks }: NewImport | ImportRecord, ttlMs: number): Promise<void> {
    for (let from = 0; from < chunks; from += BATCH) {
      const batch = this.redis.pipeline();
      for (let chunk = from; chunk < Math.min(chunks, from + BATCH); chunk++)
        batch.pexpire(this.keys.chunk(importId, chunk), ttlMs);
      for (const [error] of (await batch.exec()) ?? []) if (error) throw error;
    }
  }
}
