import { Injectable } from '@nestjs/common';
import { Redis, type ChainableCommander } from 'ioredis';
import { Environment } from '../../config/environment';
import { EVENT_LOG, toEntry } from '../../events/event-log';
import { EVENTS_CHANNEL, EventPublisher } from '../../events/event-publisher';
import { orderClock, TAKE_PLACES } from '../../queue/acceptance-order';
import { importQueued } from './import-events';
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

/**
 * Writes a record with its places in the order of acceptance, one per row, and lists it.
 * KEYS: record, list, clock. ARGV: import, rows, delay in µs, ms to live, most listed, the list's ms to live, fields…
 */
const REGISTER = `${TAKE_PLACES}
local order = takePlaces(KEYS[3], ARGV[2]) + ARGV[3]
redis.call('HSET', KEYS[1], 'unconfirmed', 1, 'order', string.format('%.0f', order), unpack(ARGV, 7))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -ARGV[5] - 1)
redis.call('PEXPIRE', KEYS[2], ARGV[6])`;

/**
 * Confirms and announces, each once, when all its jobs are there: BullMQ does not tell of one that Redis refused, such
 * as for want of memory. KEYS: record, log of events, jobs…, chunks… ARGV: how many jobs, ms to live, channel, event,
 * most entries of the log, fields of the entry…
 */
const CONFIRM = `
if redis.call('EXISTS', KEYS[1]) == 0 then return redis.error_reply('GONE the import expired') end
for job = 3, ARGV[1] + 2 do
  if redis.call('EXISTS', KEYS[job]) == 0 then return redis.error_reply('INCOMPLETE a chunk was not queued') end
end
for chunk = ARGV[1] + 3, #KEYS do redis.call('PEXPIRE', KEYS[chunk], ARGV[2]) end
if redis.call('HSETNX', KEYS[1], 'announced', 1) == 1 then
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[5], '*', unpack(ARGV, 6))
  redis.call('PUBLISH', ARGV[3], ARGV[4])
end
if redis.call('HDEL', KEYS[1], 'unconfirmed') == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end`;

/**
 * An import from its first byte until its jobs are queued. Its record, its last chunk and its confirmation go in the
 * transaction of its jobs. All that is stored goes by itself within two days unless it is confirmed: by that
 * transaction, or, where Redis took a part of it alone, by the worker that has a job of it.
 */
@Injectable()
export class ImportArrivals {
  private readonly keys: ImportKeys;

  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
    private readonly events: EventPublisher,
  ) {
    this.keys = new ImportKeys(environment.redis.prefix);
  }

  async storeChunk(importId: string, chunk: number, bytes: Buffer): Promise<void> {
    await this.redis.set(this.keys.chunk(importId, chunk), bytes, 'PX', ARRIVING_CHUNK_TTL_MS);
  }

  /** Adds to a transaction: the record of a file that is stored whole with this last chunk. Nobody is shown it yet. */
  register(transaction: ChainableCommander, record: NewImport, last: Buffer): void {
    const { importId, tenantId, rows, chunks, delayMs } = record;
    // First: a Redis that is short of memory refuses it, and with it the whole transaction.
    transaction.set(this.keys.chunk(importId, chunks - 1), last, 'PX', ARRIVING_CHUNK_TTL_MS);
    const { prefix } = this.environment.redis;
    const keys = [this.keys.record(importId), this.keys.list(tenantId), orderClock(prefix)];
    const listTtlMs = WAITING_TTL_MS + Math.ceil(delayMs) + this.environment.import.retentionMs;
    const limits = [ARRIVING_TTL_MS, MAX_LISTED, listTtlMs];
    const fields = Object.entries(toHash(record)).flat();
    // Like a single write that is planned for later: it counts as accepted then.
    const delayUs = Math.round(delayMs * 1000);
    transaction.eval(REGISTER, keys.length, ...keys, importId, rows, delayUs, ...limits, ...fields);
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
      this.redis.zrem(this.keys.open(tenantId), importId),
      this.redis.unlink(this.keys.record(importId), ...chunkKeys),
    ]);
  }

  /**
   * Its jobs are queued: keeps the import as long as it may wait, shows it, and tells subscribers.
   * @param delayMs until the jobs are due
   */
  async confirm(record: NewImport | ImportRecord, delayMs: number): Promise<void> {
    await this.redis.eval(CONFIRM, ...this.confirmation(record, delayMs, []));
  }

  /** Adds to the transaction of the jobs, after them. @param jobKeys where each of them must be then */
  confirmWith(
    transaction: ChainableCommander,
    record: NewImport | ImportRecord,
    delayMs: number,
    jobKeys: string[],
  ): void {
    transaction.eval(CONFIRM, ...this.confirmation(record, delayMs, jobKeys));
  }

  /**
   * Tells those of it whom the announcement in Redis does not reach. The API does so at once, and the worker that takes
   * the first job once more, in case the API did not come to it.
   */
  async handOn(record: NewImport | ImportRecord): Promise<void> {
    await this.events.handOn(importQueued(record));
  }

  private confirmation(
    record: NewImport | ImportRecord,
    delayMs: number,
    jobKeys: string[],
  ): [number, ...(string | number)[]] {
    const { importId, chunks } = record;
    const chunkKeys = Array.from({ length: chunks }, (_, chunk) => this.keys.chunk(importId, chunk));
    const keys = [this.keys.record(importId), EVENT_LOG, ...jobKeys, ...chunkKeys];
    const event = importQueued(record);
    const json = JSON.stringify(event);
    const ttlMs = WAITING_TTL_MS + Math.ceil(delayMs);
    const logged = [this.environment.events.kept, ...toEntry(event, json)];
    return [keys.length, ...keys, jobKeys.length, ttlMs, EVENTS_CHANNEL, json, ...logged];
  }
}
