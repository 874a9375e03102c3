import { Injectable, NotFoundException } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../../config/environment';
import { orUnavailable } from '../../queue/queue-unavailable';
import type { ChunkCounts } from '../jobs/customer.jobs';
import { CANCEL } from './cancel/cancel-script';
import { DROP_CHUNKS } from './cancel/drop-chunks';
import { fromHash } from './import-hash';
import { ImportKeys } from './import-keys';
import {
  MAX_PROBLEMS,
  type ImportRecord,
  type ImportRef,
  type ImportStatus,
  type RejectedRow,
} from './import-record';

/**
 * Settles one chunk, once: a second delivery changes nothing. Adds its counts, keeps the first of the problems, drops
 * its bytes, and ends the import when it was the last. A chunk that failed keeps its bytes and may be settled again, by
 * a retry; unless there is one, nothing but the record is left at the end.
 * KEYS: record, settled chunks, chunk bytes, chunks under way, the tenant's open imports. ARGV: chunk, now, retention ms, most problems, error or '',
 * created, updated, unchanged, skipped, rejected, problems in JSON or '', import
 */
const SETTLE = `${DROP_CHUNKS}
local function keep(key)
  if redis.call('PTTL', key) < tonumber(ARGV[3]) then redis.call('PEXPIRE', key, ARGV[3]) end
end
local function keepProblems(record)
  local problems = cjson.decode(redis.call('HGET', record, 'problems') or '[]')
  for _, problem in ipairs(cjson.decode(ARGV[11])) do table.insert(problems, problem) end
  table.sort(problems, function(a, b) return a.line < b.line end)
  while #problems > tonumber(ARGV[4]) do table.remove(problems) end
  redis.call('HSET', record, 'problems', cjson.encode(problems))
end
local record, settled, chunk, failure = KEYS[1], KEYS[2], ARGV[1], ARGV[5]
if redis.call('EXISTS', record) == 0 then return 0 end
redis.call('SREM', KEYS[4], chunk)
if redis.call('HGET', record, 'status') == 'cancelled' then return 0 end
local before = redis.call('HGET', settled, chunk)
local left = tonumber(redis.call('HGET', record, 'left'))
if left == 0 and not before then return 0 end
if before and (before ~= 'failed' or failure ~= '') then
  if before == 'failed' then for place = 1, 4 do keep(KEYS[place]) end end
  return 0
end
if failure ~= '' then
  redis.call('HSET', settled, chunk, 'failed')
  redis.call('HSET', record, 'error', failure)
  redis.call('HINCRBY', record, 'failedChunks', 1)
  redis.call('PEXPIRE', KEYS[3], ARGV[3])
else
  redis.call('HSET', settled, chunk, table.concat(ARGV, ',', 6, 10))
  redis.call('UNLINK', KEYS[3])
  if before and redis.call('HINCRBY', record, 'failedChunks', -1) == 0 then redis.call('HDEL', record, 'error') end
  local processed = 0
  for index, field in ipairs({'created', 'updated', 'unchanged', 'skipped', 'rejected'}) do
    processed = processed + ARGV[5 + index]
    redis.call('HINCRBY', record, field, ARGV[5 + index])
  end
  redis.call('HINCRBY', record, 'processed', processed)
  if ARGV[11] ~= '' then keepProblems(record) end
end
if not before then left = redis.call('HINCRBY', record, 'left', -1) end
if left == 0 then
  local status = 'completed'
  if redis.call('HEXISTS', record, 'error') == 1 then status = 'failed'
  elseif tonumber(redis.call('HGET', record, 'rejected')) > 0 then status = 'completed_with_errors' end
  if redis.call('HEXISTS', record, 'cancelRequestedAt') == 1 then
    status = 'cancelled'
    dropChunks(record)
    redis.call('UNLINK', settled)
  end
  redis.call('HSET', record, 'status', status, 'finishedAt', ARGV[2])
  redis.call('ZREM', KEYS[5], ARGV[12])
  redis.call('PEXPIRE', record, ARGV[3])
  if redis.call('HEXISTS', record, 'error') == 0 then redis.call('UNLINK', settled) end
end
redis.call('PEXPIRE', settled, redis.call('PTTL', record))
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
  private readonly keys: ImportKeys;

  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
  ) {
    this.keys = new ImportKeys(environment.redis.prefix);
  }

  async chunkBytes(importId: string, chunk: number): Promise<Buffer | null> {
    return this.redis.getBuffer(this.keys.chunk(importId, chunk));
  }

  /** @returns the import, or undefined when there is none of that tenant that was accepted */
  async find(tenantId: string, importId: string): Promise<ImportRecord | undefined> {
    const record = await this.findQueued(tenantId, importId);
    return record && isAccepted(record) ? record : undefined;
  }

  /** For who asks for it. @throws NotFoundException, QueueUnavailable */
  async get(tenantId: string, importId: string): Promise<ImportRecord> {
    const record = await orUnavailable(this.find(tenantId, importId));
    if (!record) throw new NotFoundException('There is no such import.');
    return record;
  }

  /** For who has a job of it: the jobs of an import are queued before it is shown to anybody else. */
  async findQueued(tenantId: string, importId: string): Promise<ImportRecord | undefined> {
    const hash = await this.redis.hgetall(this.keys.record(importId));
    return hash.tenantId === tenantId ? fromHash(importId, hash) : undefined;
  }

  async problems(importId: string): Promise<RejectedRow[]> {
    const kept = await this.redis.hget(this.keys.record(importId), 'problems');
    return JSON.parse(kept ?? '[]') as RejectedRow[];
  }

  /** Newest first: ids are ordered by time. @param before id of the last import of the page before */
  async list(tenantId: string, limit: number, before?: string): Promise<ImportRecord[]> {
    const found: ImportRecord[] = [];
    for (let below = before; found.length < limit;) {
      const end = below === undefined ? '+' : `(${below}`;
      const ids = await this.redis.zrevrangebylex(this.keys.list(tenantId), end, '-', 'LIMIT', 0, limit);
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
    return (await this.redis.eval(BEGIN, 1, this.keys.record(importId), Date.now())) === 1;
  }

  /** Ends it unless it has begun; then it ends when nothing of it is under way. One that is over stays as it is. */
  async cancel({ tenantId, importId }: ImportRef): Promise<void> {
    const keys = [this.keys.record(importId), this.keys.settled(importId), this.keys.open(tenantId)];
    const args = [Date.now(), this.environment.import.retentionMs, importId];
    await this.redis.eval(CANCEL, keys.length, ...keys, ...args);
  }

  /**
   * What a chunk came to that was settled before: its counts, or that it failed. Of an import that is over, that is
   * known only while one of its chunks failed.
   */
  async settled(importId: string, chunk: number): Promise<ChunkCounts | 'failed' | undefined> {
    const settled = await this.redis.hget(this.keys.settled(importId), String(chunk));
    if (settled === null) return undefined;
    if (settled === 'failed') return settled;
    const [created = 0, updated = 0, unchanged = 0, skipped = 0, rejected = 0] = settled
      .split(',')
      .map(Number);
    return { created, updated, unchanged, skipped, rejected };
  }

  /** How many chunks are settled, well or not. */
  settledChunks(importId: string): Promise<number> {
    return this.redis.hlen(this.keys.settled(importId));
  }

  /** Counts a chunk once, however often it is delivered. @returns whether it was this time */
  async settle(
    { tenantId, importId }: ImportRef,
    chunk: number,
    { created, updated, unchanged, skipped, rejected }: ChunkCounts,
    { problems = [], error = '' }: { problems?: RejectedRow[]; error?: string } = {},
  ): Promise<boolean> {
    const keys = [
      this.keys.record(importId),
      this.keys.settled(importId),
      this.keys.chunk(importId, chunk),
      this.keys.underWay(importId),
      this.keys.open(tenantId),
    ];
    const first = problems.length === 0 ? '' : JSON.stringify(problems.slice(0, MAX_PROBLEMS));
    const { import: imports, deadLetters } = this.environment;
    // A chunk that failed is a dead letter: to be replayed, it needs all this for as long as that is kept.
    const retentionMs = Math.max(imports.retentionMs, deadLetters.retentionMs);
    const limits = [Date.now(), retentionMs, MAX_PROBLEMS];
    const counts = [created, updated, unchanged, skipped, rejected];
    const args = [chunk, ...limits, error, ...counts, first, importId];
    return (await this.redis.eval(SETTLE, keys.length, ...keys, ...args)) === 1;
  }
}

export const isOver = (status: ImportStatus): boolean => status !== 'queued' && status !== 'processing';

/** Whoever uploaded it may have been answered that it was not taken, unless it is confirmed. */
const isAccepted = ({ confirmed, status }: ImportRecord): boolean => confirmed || status !== 'queued';
