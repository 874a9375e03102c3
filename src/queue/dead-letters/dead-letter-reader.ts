import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { DeadLetterPosition } from './dead-letter-cursor';
import { keysOf } from './dead-letter-keys';
import { maskedError } from './masked-error';

export interface DeadLetter {
  jobId: string;
  type: string;
  /** Null where the job does not say. */
  tenantId: string | null;
  requestId: string | null;
  /** ISO 8601 */
  queuedAt: string | null;
  failedAt: string;
  attempts: number;
  /** How often its worker was lost or hung. */
  stalled: number;
  error: string;
  /** Of each attempt that threw, the last ones. */
  stack: string[];
}

export interface DeadLetterPage {
  items: DeadLetter[];
  /** Undefined on the last page. */
  next: DeadLetterPosition | undefined;
  total: number;
  /** How many were dropped for a bound, ever. */
  dropped: number;
}

const FIELDS = ['name', 'data', 'timestamp', 'atm', 'stc', 'failedReason', 'stacktrace'];
/** BullMQ appends to a job's stacks with each attempt, also after a replay. */
const MAX_STACKS = 20;

/** Lists dead letters as BullMQ left them, whatever is missing from one. */
@Injectable()
export class DeadLetterReader {
  constructor(private readonly redis: Redis) {}

  /** Newest first. Stable while others die, are replayed or dropped. */
  async page(queue: Queue, limit: number, after?: DeadLetterPosition): Promise<DeadLetterPage> {
    const { dead, counts } = keysOf(queue);
    const [found, total, dropped] = await Promise.all([
      this.positions(dead, limit + 1, after),
      this.redis.zcard(dead),
      this.redis.hget(counts, 'dropped'),
    ]);
    const positions = found.slice(0, limit);
    const items = await this.read(queue, positions);
    const next = found.length > limit ? positions.at(-1) : undefined;
    return { items, next, total, dropped: Number(dropped ?? 0) };
  }

  /** By time, and by id where several died in one ms: a few, so all of them are looked at. */
  private async positions(dead: string, count: number, after?: DeadLetterPosition) {
    if (!after) return pairs(await this.redis.zrevrange(dead, 0, count - 1, 'WITHSCORES'));
    const { failedAtMs, jobId } = after;
    const [tied, older] = await Promise.all([
      this.redis.zrevrangebyscore(dead, failedAtMs, failedAtMs, 'WITHSCORES'),
      this.redis.zrevrangebyscore(dead, `(${failedAtMs}`, '-inf', 'WITHSCORES', 'LIMIT', 0, count),
    ]);
    // Redis orders by bytes.
    const last = Buffer.from(jobId);
    const rest = pairs(tied).filter((position) => Buffer.from(position.jobId).compare(last) < 0);
    return [...rest, ...pairs(older)].slice(0, count);
  }

  private async read(queue: Queue, positions: DeadLetterPosition[]): Promise<DeadLetter[]> {
    if (positions.length === 0) return [];
    const pipeline = this.redis.pipeline();
    for (const { jobId } of positions) pipeline.hmget(queue.toKey(jobId), ...FIELDS);
    const answers = (await pipeline.exec()) ?? [];
    return answers.map(([error, fields], index) => {
      if (error) throw error;
      return toDeadLetter(positions[index] as DeadLetterPosition, fields as (string | null)[]);
    });
  }
}

const pairs = (answer: string[]): DeadLetterPosition[] =>
  answer.flatMap((jobId, index) =>
    index % 2 === 0 ? [{ jobId, failedAtMs: Number(answer[index + 1]) }] : [],
  );

function toDeadLetter({ jobId, failedAtMs }: DeadLetterPosition, fields: (string | null)[]): DeadLetter {
  const [name, data, timestamp, attempts, stalled, error, stacktrace] = fields;
  const { tenantId, requestId } = (parse(data) ?? {}) as Record<string, unknown>;
  const stacks = parse(stacktrace);
  return {
    jobId,
    type: name ?? '',
    tenantId: typeof tenantId === 'string' ? tenantId : null,
    requestId: typeof requestId === 'string' ? requestId : null,
    queuedAt: timestamp ? new Date(Number(timestamp)).toISOString() : null,
    failedAt: new Date(failedAtMs).toISOString(),
    attempts: Number(attempts ?? 0),
    stalled: Number(stalled ?? 0),
    error: maskedError(error ?? ''),
    stack: Array.isArray(stacks) ? stacks.slice(-MAX_STACKS).map((stack) => maskedError(String(stack))) : [],
  };
}

/** @returns undefined for what is missing or no JSON */
function parse(json: string | null | undefined): unknown {
  try {
    return json ? JSON.parse(json) : undefined;
  } catch {
    return undefined;
  }
}
