import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { DeadLetterPosition } from './dead-letter-cursor';
import { keysOf } from './dead-letter-keys';
import { ADVANCE, BEGIN, END } from './replay-scripts';

/** How long a replay whose process died keeps others out; longer than any step takes. */
const LEASE_MS = 15_000;
/** How long it can be read what came of the last replay. */
const PROGRESS_TTL_MS = 24 * 3_600_000;

export const REPLAY_STATUSES = ['running', 'completed', 'interrupted'] as const;
/** `interrupted`: what was not replayed is still dead. */
export type ReplayStatus = (typeof REPLAY_STATUSES)[number];

export interface ReplayProgress {
  status: ReplayStatus;
  /** `sub` of the token, or the user name of the admin pages. */
  by: string;
  /** ISO 8601 */
  startedAt: string;
  finishedAt: string | null;
  perSecond: number;
  /** Jobs that were dead when it was asked for. */
  total: number;
  /** Jobs that wait to run again, or have. */
  done: number;
  /** Jobs that were no dead letters any more when their turn came. */
  skipped: number;
}

export interface NewReplay {
  /** Of the process that replays. */
  token: string;
  by: string;
  perSecond: number;
  /** Undefined for all. */
  jobIds: readonly string[] | undefined;
}

export interface Begun {
  total: number;
  notFound: string[];
}

/** What a step came to: ids of jobs by their outcome. */
export interface StepOutcome {
  revived: string[];
  skipped: string[];
}

/** Redis' part of a replay: one at a time per queue, over all processes, and how far it is. */
@Injectable()
export class ReplayStore {
  constructor(private readonly redis: Redis) {}

  /** Takes the lease and notes what is dead now. @returns undefined while another replay is running */
  async begin(queue: Queue, { token, by, perSecond, jobIds }: NewReplay): Promise<Begun | undefined> {
    const { dead, lease, progress, todo } = keysOf(queue);
    const rules = [token, LEASE_MS, PROGRESS_TTL_MS, by, perSecond, jobIds === undefined ? 'all' : 'named'];
    const answer = await this.redis.eval(BEGIN, 4, dead, lease, progress, todo, ...rules, ...(jobIds ?? []));
    if (answer === null) return undefined;
    const [total, notFound] = answer as [number, string[]];
    return { total, notFound };
  }

  /** Counts what the last step came to. @returns the jobs of the next; undefined when another took the lease */
  async advance(
    queue: Queue,
    token: string,
    count: number,
    { revived, skipped }: StepOutcome,
  ): Promise<DeadLetterPosition[] | undefined> {
    const { lease, progress, todo } = keysOf(queue);
    const rules = [token, LEASE_MS, PROGRESS_TTL_MS, count, revived.length];
    const answer = await this.redis.eval(ADVANCE, 3, lease, progress, todo, ...rules, ...revived, ...skipped);
    if (answer === null) return undefined;
    const flat = answer as string[];
    return flat.flatMap((jobId, index) =>
      index % 2 === 0 ? [{ jobId, failedAtMs: Number(flat[index + 1]) }] : [],
    );
  }

  /** Lets the next replay begin. Does nothing when another already has. */
  async end(queue: Queue, token: string, status: ReplayStatus): Promise<void> {
    const { lease, progress, todo } = keysOf(queue);
    await this.redis.eval(END, 3, lease, progress, todo, token, status);
  }

  /** The replay that is running, or the last one of a day. */
  async read(queue: Queue): Promise<ReplayProgress | null> {
    const { lease, progress } = keysOf(queue);
    const [hash, isHeld] = await Promise.all([this.redis.hgetall(progress), this.redis.exists(lease)]);
    if (hash.startedAt === undefined) return null;
    const status = hash.status as ReplayStatus;
    return {
      // Its process died without a word.
      status: status === 'running' && !isHeld ? 'interrupted' : status,
      by: hash.by ?? '',
      startedAt: new Date(Number(hash.startedAt)).toISOString(),
      finishedAt: hash.finishedAt === undefined ? null : new Date(Number(hash.finishedAt)).toISOString(),
      perSecond: Number(hash.perSecond),
      total: Number(hash.total),
      done: Number(hash.done),
      skipped: Number(hash.skipped),
    };
  }
}
