import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { keysOf } from './dead-letter-keys';
import { errorGroup } from './error-group';

/** Which dead letters are meant: all that is given must be so; nothing means all. */
export interface DeadLetterFilter {
  /** As `errorGroup` makes it. */
  error?: string | undefined;
  type?: string | undefined;
  tenantId?: string | undefined;
  /** When it died, in ms since 1970. */
  fromMs?: number | undefined;
  toMs?: number | undefined;
}

/** Dead letters of one cause. */
export interface DeadLetterGroup {
  error: string;
  /** The error of the newest, as it is. */
  sample: string;
  count: number;
  types: Record<string, number>;
  /** ms since 1970 */
  oldestMs: number;
  newestMs: number;
  /** Of the newest. */
  jobIds: string[];
}

interface Surveyed {
  jobId: string;
  failedAtMs: number;
  type: string;
  error: string;
  /** Only where it was asked for: payloads are large. */
  tenantId: string | undefined;
}

const SLICE = 1_000;
const SAMPLES = 5;
/** More causes than a person reads. */
const MAX_GROUPS = 200;

/** KEYS: dead. ARGV: prefix of job keys, first, last, '1' to tell tenants. Returns id, time, name, error, tenant of each. */
const LOOK = `
local dead = redis.call('ZREVRANGE', KEYS[1], ARGV[2], ARGV[3], 'WITHSCORES')
local found = {}
for index = 1, #dead, 2 do
  local job = redis.call('HMGET', ARGV[1] .. dead[index], 'name', 'failedReason')
  local tenant = ''
  if ARGV[4] == '1' then
    local isJson, payload = pcall(cjson.decode, redis.call('HGET', ARGV[1] .. dead[index], 'data') or '')
    if isJson and type(payload) == 'table' and type(payload.tenantId) == 'string' then tenant = payload.tenantId end
  end
  for _, field in ipairs({dead[index], dead[index + 1], job[1] or '', job[2] or '', tenant}) do
    found[#found + 1] = field
  end
end
return found`;
const FIELDS = 5;

/** Looks over all dead letters of a queue, however many, in slices that Redis has done in some ms. */
@Injectable()
export class DeadLetterSurvey {
  constructor(private readonly redis: Redis) {}

  /** The largest group first. */
  async groups(queue: Queue): Promise<DeadLetterGroup[]> {
    const groups = new Map<string, DeadLetterGroup>();
    for await (const letter of this.all(queue, false)) {
      const error = errorGroup(letter.error);
      const { failedAtMs, jobId, type } = letter;
      const known = groups.get(error);
      const group = known ?? {
        error,
        sample: letter.error,
        count: 0,
        types: {},
        oldestMs: 0,
        newestMs: failedAtMs,
        jobIds: [],
      };
      if (!known && groups.size < MAX_GROUPS) groups.set(error, group);
      group.count += 1;
      group.types[type] = (group.types[type] ?? 0) + 1;
      group.oldestMs = failedAtMs;
      if (group.jobIds.length < SAMPLES) group.jobIds.push(jobId);
    }
    return [...groups.values()].toSorted((a, b) => b.count - a.count);
  }

  /** Ids of all that a filter means, newest first. */
  async select(queue: Queue, filter: DeadLetterFilter): Promise<string[]> {
    const { error, type, tenantId, fromMs = -Infinity, toMs = Infinity } = filter;
    const jobIds: string[] = [];
    for await (const letter of this.all(queue, tenantId !== undefined)) {
      const isMeant =
        (error === undefined || errorGroup(letter.error) === error) &&
        (type === undefined || letter.type === type) &&
        (tenantId === undefined || letter.tenantId === tenantId) &&
        letter.failedAtMs >= fromMs &&
        letter.failedAtMs <= toMs;
      if (isMeant) jobIds.push(letter.jobId);
    }
    return jobIds;
  }

  /** One that dies meanwhile shifts the others: none is missed, and none counts twice. */
  private async *all(queue: Queue, withTenants: boolean): AsyncGenerator<Surveyed> {
    const { dead } = keysOf(queue);
    const seen = new Set<string>();
    for (let first = 0; ; first += SLICE) {
      const rules = [queue.toKey(''), first, first + SLICE - 1, withTenants ? '1' : '0'];
      const flat = (await this.redis.eval(LOOK, 1, dead, ...rules)) as string[];
      for (let at = 0; at < flat.length; at += FIELDS) {
        const [jobId = '', failedAt, type = '', error = '', tenantId] = flat.slice(at, at + FIELDS);
        if (seen.has(jobId)) continue;
        seen.add(jobId);
        yield { jobId, failedAtMs: Number(failedAt), type, error, tenantId };
      }
      if (flat.length < SLICE * FIELDS) return;
    }
  }
}
