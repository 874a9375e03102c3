import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../../config/environment';

/** What a worker process says of itself. */
export interface WorkerReport {
  /** Of the process: its host, its number there, and when it began. */
  id: string;
  host: string;
  pid: number;
  version: string;
  /** ISO 8601 */
  startedAt: string;
  /** Jobs that it runs at once, at most, as things are now. */
  concurrency: number;
  /** Jobs that it runs now. */
  active: number;
  /** bytes of main memory */
  memory: number;
}

export interface SeenWorker extends WorkerReport {
  /** ISO 8601, by the clock of Redis */
  lastSeenAt: string;
  /** Since then, in ms. */
  silentMs: number;
}

/** How long a worker that says nothing more is still shown, in ms: who looks shall see that it went. */
const FORGET_AFTER_MS = 600_000;

/** By the clock of Redis, which is one for all hosts. KEYS: last seen, reports. ARGV: id, report, ms. */
const REPORT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[3])) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('HDEL', KEYS[2], id)
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])`;

/** KEYS: last seen, reports. Returns the time, ids with when they were seen, and ids with what they said. */
const LIST = `
local time = redis.call('TIME')
return {time[1] * 1000 + math.floor(time[2] / 1000), redis.call('ZRANGE', KEYS[1], 0, 999, 'WITHSCORES'),
  redis.call('HGETALL', KEYS[2])}`;

/** The workers of all hosts, by their own account. One that leaves in good order takes its report with it. */
@Injectable()
export class WorkerReports {
  private readonly seen: string;
  private readonly reports: string;

  constructor(
    private readonly redis: Redis,
    { redis: { prefix } }: Environment,
  ) {
    this.seen = `${prefix}:workers:seen`;
    this.reports = `${prefix}:workers`;
  }

  async report(report: WorkerReport): Promise<void> {
    await this.redis.eval(
      REPORT,
      2,
      this.seen,
      this.reports,
      report.id,
      JSON.stringify(report),
      FORGET_AFTER_MS,
    );
  }

  async leave(id: string): Promise<void> {
    await Promise.all([this.redis.zrem(this.seen, id), this.redis.hdel(this.reports, id)]);
  }

  /** Up to 1,000, by their id. */
  async list(): Promise<SeenWorker[]> {
    const [now, seen, reports] = (await this.redis.eval(LIST, 2, this.seen, this.reports)) as [
      number,
      string[],
      string[],
    ];
    const seenAt = toMap(seen);
    const workers = [...toMap(reports)].flatMap(([id, report]) => {
      const at = Number(seenAt.get(id) ?? NaN);
      if (Number.isNaN(at)) return [];
      const lastSeenAt = new Date(at).toISOString();
      return [{ ...(JSON.parse(report) as WorkerReport), lastSeenAt, silentMs: Math.max(0, now - at) }];
    });
    return workers.toSorted((a, b) => a.id.localeCompare(b.id));
  }
}

const toMap = (pairs: readonly string[]): Map<string, string> =>
  new Map(
    pairs.flatMap((key, index): [string, string][] =>
      index % 2 === 0 ? [[key, pairs[index + 1] ?? '']] : [],
    ),
  );
