import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { DeadLetterPosition } from './dead-letter-cursor';
import { keysOf } from './dead-letter-keys';
import { ADVANCE, BEGIN, CANCEL, END, EXTEND } from './act-scripts';

/** How long an act whose process died keeps others out; longer than any step takes. */
const LEASE_MS = 15_000;
/** How long it can be read what came of the last act. */
const PROGRESS_TTL_MS = 24 * 3_600_000;

export const ACT_STATUSES = ['running', 'completed', 'cancelled', 'interrupted'] as const;
/** `cancelled`, `interrupted`: what had no turn is still dead. */
export type ActStatus = (typeof ACT_STATUSES)[number];

/** What is done to many dead letters, one after the other. */
export const ACTS = ['replay', 'delete'] as const;
export type Act = (typeof ACTS)[number];

export interface ActProgress {
  act: Act;
  status: ActStatus;
  /** `sub` of the token, or the user name of the admin pages. */
  by: string;
  /** ISO 8601 */
  startedAt: string;
  finishedAt: string | null;
  perSecond: number;
  /** Jobs that were dead when it was asked for. */
  total: number;
  /** Jobs that wait to run again, or have; or that are gone. */
  done: number;
  /** Jobs that were no dead letters any more when their turn came. */
  skipped: number;
}

export interface NewAct {
  act: Act;
  /** Of the process that does it. */
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
  done: string[];
  skipped: string[];
}

/** Redis' part of an act: one at a time per queue, over all processes, and how far it is. */
@Injectable()
export class ActStore {
  constructor(private readonly redis: Redis) {}

  /** Takes the lease and notes what is dead now. @returns undefined while another act is running */
  async begin(queue: Queue, { act, token, by, perSecond, jobIds }: NewAct): Promise<Begun | undefined> {
    const { dead, lease, progress, todo } = keysOf(queue);
    const rules = [
      token,
      LEASE_MS,
      PROGRESS_TTL_MS,
      by,
      perSecond,
      jobIds === undefined ? 'all' : 'named',
      act,
    ];
    const answer = await this.redis.eval(BEGIN, 4, dead, lease, progress, todo, ...rules, ...(jobIds ?? []));
    if (answer === null) return undefined;
    const [total, notFound] = answer as [number, string[]];
    return { total, notFound };
  }

  /** Adds jobs before the act runs. @returns how many it has; undefined when it was cancelled, or took too long */
  async extend(queue: Queue, token: string, jobIds: readonly string[]): Promise<number | undefined> {
    const { dead, lease, progress, todo } = keysOf(queue);
    const total = await this.redis.eval(EXTEND, 4, dead, lease, progress, todo, token, LEASE_MS, ...jobIds);
    return total === null ? undefined : Number(total);
  }

  /** Counts what the last step came to. @returns the jobs of the next; undefined when another took the lease */
  async advance(
    queue: Queue,
    token: string,
    count: number,
    { done, skipped }: StepOutcome,
  ): Promise<DeadLetterPosition[] | undefined> {
    const { lease, progress, todo } = keysOf(queue);
    const rules = [token, LEASE_MS, PROGRESS_TTL_MS, count, done.length];
    const answer = await this.redis.eval(ADVANCE, 3, lease, progress, todo, ...rules, ...done, ...skipped);
    if (answer === null) return undefined;
    const flat = answer as string[];
    return flat.flatMap((jobId, index) =>
      index % 2 === 0 ? [{ jobId, failedAtMs: Number(flat[index + 1]) }] : [],
    );
  }

  /** Lets the next act begin. Does nothing when another already has. */
  async end(queue: Queue, token: string, status: ActStatus): Promise<void> {
    const { lease, progress, todo } = keysOf(queue);
    await this.redis.eval(END, 3, lease, progress, todo, token, status);
  }

  /** @returns whether one was running */
  async cancel(queue: Queue): Promise<boolean> {
    const { lease, progress } = keysOf(queue);
    return (await this.redis.eval(CANCEL, 2, lease, progress)) === 1;
  }

  /** The act that is running, or the last one of a day. */
  async read(queue: Queue): Promise<ActProgress | null> {
    const { lease, progress } = keysOf(queue);
    const [hash, isHeld] = await Promise.all([this.redis.hgetall(progress), this.redis.exists(lease)]);
    if (hash.startedAt === undefined) return null;
    const status = hash.status as ActStatus;
    return {
      act: hash.act === 'delete' ? 'delete' : 'replay',
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
