import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../../config/environment';
import type { ChunkCounts } from '../jobs/customer.jobs';
import { fromHash, toHash } from './import-hash';
import {
  MAX_PROBLEMS,
  type ImportRecord,
  type ImportStatus,
  type NewImport,
  type RejectedRow,
} from './import-record';

/** How long an import that waits is kept: longer than any job waits. */
const WAITING_TTL_MS = 30 * 24 * 3_600_000;
/** Imports a tenant's list holds. */
const MAX_LISTED = 10_000;

/**
 * Settles one chunk, once: a second delivery changes nothing. Adds its counts, keeps its problems, drops its bytes, and
 * ends the import when it was the last. A chunk that failed keeps its bytes and may be settled again, by a retry.
 * KEYS: record, settled chunks, problems, chunk bytes. ARGV: chunk, now, retention ms, most problems, error or '',
 * created, updated, unchanged, skipped, rejected, problems…
 */
const SETTLE = `
local function keep(key)
  if redis.call('PTTL', key) < tonumber(ARGV[3]) then redis.call('PEXPIRE', key, ARGV[3]) end
end
local record, settled, chunk, failure = KEYS[1], KEYS[2], ARGV[1], ARGV[5]
if redis.call('EXISTS', record) == 0 then return 0 end
local before = redis.call('HGET', settled, chunk)
if before and (before ~= 'failed' or failure ~= '') then
  if before == 'failed' then for _, key in ipairs(KEYS) do keep(key) end end
  return 0
end
if failure ~= '' then
  redis.call('HSET', settled, chunk, 'failed')
  redis.call('HSET', record, 'error', failure)
  redis.call('HINCRBY', record, 'failedChunks', 1)
  redis.call('PEXPIRE', KEYS[4], ARGV[3])
else
  redis.call('HSET', settled, chunk, table.concat(ARGV, ',', 6, 10))
  redis.call('UNLINK', KEYS[4])
  if before and redis.call('HINCRBY', record, 'failedChunks', -1) == 0 then redis.call('HDEL', record, 'error') end
  local processed = 0
  for index, field in ipairs({'created', 'updated', 'unchanged', 'skipped', 'rejected'}) do
    processed = processed + ARGV[5 + index]
    redis.call('HINCRBY', record, field, ARGV[5 + index])
  end
  redis.call('HINCRBY', record, 'processed', processed)
  for index = 11, #ARGV do redis.call('RPUSH', KEYS[3], ARGV[index]) end
  redis.call('LTRIM', KEYS[3], 0, ARGV[4] - 1)
end
local left = tonumber(redis.call('HGET', record, 'left'))
if not before then left = redis.call('HINCRBY', record, 'left', -1) end
if left == 0 then
  local status = 'completed'
  if redis.call('HEXISTS', record, 'error') == 1 then status = 'failed'
  elseif tonumber(redis.call('HGET', record, 'rejected')) > 0 then status = 'completed_with_errors' end
  redis.call('HSET', record, 'status', status, 'finishedAt', ARGV[2])
  redis.call('PEXPIRE', record, ARGV[3])
end
local ttl = redis.call('PTTL', record)
redis.call('PEXPIRE', settled, ttl)
redis.call('PEXPIRE', KEYS[3], ttl)
return 1`;

/** Marks an import as begun, once. KEYS: record. ARGV: now. */
const BEGIN = `
if redis.call('HGET', KEYS[1], 'status') ~= 'queued' then return 0 end
redis.call('HSET', KEYS[1], 'status', 'processing', 'startedAt', ARGV[1])
return 1`;

/**
 * What is known of each import: kept in Redis, where the API can write it and counting is atomic. Every key carries
 * the import's id and goes {@link Environment.import}.retentionMs after its end.
 */
@Injectable()
export class ImportRecords {
  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
  ) {}

  async create(record: NewImport): Promise<void> {
    const { importId, tenantId, delayMs } = record;
    const list = this.listKey(tenantId);
    const outcome = await this.redis
      .multi()
      .hset(this.key(importId), toHash(record))
      .pexpire(this.key(importId), WAITING_TTL_MS + Math.ceil(delayMs))
      .zadd(list, 0, importId)
      .zremrangebyrank(list, 0, -MAX_LISTED - 1)
      .pexpire(list, WAITING_TTL_MS + Math.ceil(delayMs) + this.environment.import.retentionMs)
      .exec();
    for (const [error] of outcome ?? []) if (error) throw error;
  }

  /** Undoes an intake that did not come to its end. */
  async discard(tenantId: string, importId: string, chunks: number): Promise<void> {
    const chunkKeys = Array.from({ length: chunks }, (_, chunk) => this.chunkKey(importId, chunk));
    await Promise.all([
      this.redis.zrem(this.listKey(tenantId), importId),
      this.redis.unlink(this.key(importId), ...chunkKeys),
    ]);
  }

  async storeChunk(importId: string, chunk: number, bytes: Buffer, delayMs: number): Promise<void> {
    await this.redis.set(this.chunkKey(importId, chunk), bytes, 'PX', WAITING_TTL_MS + Math.ceil(delayMs));
  }

  async chunkBytes(importId: string, chunk: number): Promise<Buffer | null> {
    return this.redis.getBuffer(this.chunkKey(importId, chunk));
  }

  /** @returns the import, or undefined when there is none of that tenant */
  async find(tenantId: string, importId: string): Promise<ImportRecord | undefined> {
    const hash = await this.redis.hgetall(this.key(importId));
    return hash.tenantId === tenantId ? fromHash(importId, hash) : undefined;
  }

  async problems(importId: string): Promise<RejectedRow[]> {
    const kept = await this.redis.lrange(this.problemsKey(importId), 0, MAX_PROBLEMS - 1);
    return kept.map((problem) => JSON.parse(problem) as RejectedRow).sort((a, b) => a.line - b.line);
  }

  /** Newest first: ids are ordered by time. @param before id of the last import of the page before */
  async list(tenantId: string, limit: number, before?: string): Promise<ImportRecord[]> {
    const found: ImportRecord[] = [];
    for (let below = before; found.length < limit;) {
      const end = below === undefined ? '+' : `(${below}`;
      const ids = await this.redis.zrevrangebylex(this.listKey(tenantId), end, '-', 'LIMIT', 0, limit);
      const records = await Promise.all(ids.map((id) => this.find(tenantId, id)));
      found.push(...records.filter((record) => record !== undefined));
      // Those whose time is over leave gaps, so a short page is no end of the list.
      if (ids.length < limit) break;
      below = ids.at(-1);
    }
    return found.slice(0, limit);
  }

  /** @returns whether this call was the first */
  async begin(importId: string): Promise<boolean> {
    return (await this.redis.eval(BEGIN, 1, this.key(importId), Date.now())) === 1;
  }

  /** The counts of a chunk that was settled before, and did not fail. */
  async settledCounts(importId: string, chunk: number): Promise<ChunkCounts | undefined> {
    const settled = await this.redis.hget(this.settledKey(importId), String(chunk));
    if (settled === null || settled === 'failed') return undefined;
    const [created = 0, updated = 0, unchanged = 0, skipped = 0, rejected = 0] = settled
      .split(',')
      .map(Number);
    return { created, updated, unchanged, skipped, rejected };
  }

  /** Counts a chunk once, however often it is delivered. */
  async settle(
    importId: string,
    chunk: number,
    { created, updated, unchanged, skipped, rejected }: ChunkCounts,
    { problems = [], error = '' }: { problems?: RejectedRow[]; error?: string } = {},
  ): Promise<void> {
    const keys = [
      this.key(importId),
      this.settledKey(importId),
      this.problemsKey(importId),
      this.chunkKey(importId, chunk),
    ];
    const kept = problems.slice(0, MAX_PROBLEMS).map((problem) => JSON.stringify(problem));
    const { import: imports, deadLetters } = this.environment;
    // A chunk that failed is a dead letter: to be replayed, it needs all this for as long as that is kept.
    const retentionMs = Math.max(imports.retentionMs, deadLetters.retentionMs);
    const limits = [Date.now(), retentionMs, MAX_PROBLEMS];
    const counts = [created, updated, unchanged, skipped, rejected];
    await this.redis.eval(SETTLE, keys.length, ...keys, chunk, ...limits, error, ...counts, ...kept);
  }

  private key(importId: string): string {
    return `${this.environment.redis.prefix}:import:${importId}`;
  }

  private chunkKey(importId: string, chunk: number): string {
    return `${this.key(importId)}:chunk:${chunk}`;
  }

  private settledKey(importId: string): string {
    return `${this.key(importId)}:settled`;
  }

  private problemsKey(importId: string): string {
    return `${this.key(importId)}:problems`;
  }

  private listKey(tenantId: string): string {
    return `${this.environment.redis.prefix}:imports:${tenantId}`;
  }
}

export const isOver = (status: ImportStatus): boolean => status !== 'queued' && status !== 'processing';
