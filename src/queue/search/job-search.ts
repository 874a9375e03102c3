import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { SEARCH_SLICE } from './search-script';

export const JOB_STATES = ['active', 'waiting', 'delayed', 'failed', 'completed'] as const;
export type JobState = (typeof JOB_STATES)[number];

export interface JobWish {
  states: readonly JobState[];
  /** Name of the job. */
  type?: string | undefined;
  /** Part of why it failed, in any case. */
  error?: string | undefined;
  /** The payload has one text of each group: JSON, as `jsonField` makes it. */
  payload: readonly (readonly string[])[];
}

export interface FoundJob {
  queue: string;
  jobId: string;
  state: JobState;
}

export interface SearchResult {
  jobs: FoundJob[];
  /** Jobs that were looked at. */
  searched: number;
  /** False when there may be more: the limit was reached, or the time was up. */
  complete: boolean;
}

/** Where BullMQ keeps a state; jobs with a priority wait in a set of their own. */
const KEYS: Record<JobState, readonly { key: string; kind: 'list' | 'zset' }[]> = {
  active: [{ key: 'active', kind: 'list' }],
  waiting: [
    { key: 'wait', kind: 'list' },
    { key: 'prioritized', kind: 'zset' },
  ],
  delayed: [{ key: 'delayed', kind: 'zset' }],
  failed: [{ key: 'failed', kind: 'zset' }],
  completed: [{ key: 'completed', kind: 'zset' }],
};

/** Jobs that Redis looks at in one go: some ms, in which it serves nobody else. */
const SLICE = 1_000;
/** Slices on their way: Redis has the next while we read the last. */
const AT_ONCE = 4;

/** A field of a payload, as it stands in the JSON that BullMQ stores. */
export const jsonField = (name: string, value: string): string =>
  `${JSON.stringify(name)}:${JSON.stringify(value)}`;

/**
 * Finds jobs by what is in them. There is no index, which every write would pay for: Redis looks through the jobs
 * itself, slice by slice, and sends only what matches.
 */
@Injectable()
export class JobSearch {
  constructor(private readonly redis: Redis) {}

  /**
   * Newest first within a state. Jobs that change their state meanwhile may be missed, or found twice: the first counts.
   * @param untilMs when it has to come to an end, by `performance.now()`
   */
  async find(queue: Queue, wish: JobWish, limit: number, untilMs: number): Promise<SearchResult> {
    const found = new Map<string, FoundJob>();
    let searched = 0;
    for (const { state, ...place } of wish.states.flatMap((one) =>
      KEYS[one].map((key) => ({ state: one, ...key })),
    )) {
      const next = this.slices(queue, place, wish);
      for (let isOver = false; !isOver;) {
        if (found.size >= limit || performance.now() >= untilMs)
          return { jobs: [...found.values()].slice(0, limit), searched, complete: false };
        const slices = await Promise.all(Array.from({ length: AT_ONCE }, next));
        for (const { looked, jobIds } of slices) {
          searched += looked;
          isOver ||= looked < SLICE;
          for (const jobId of jobIds.filter((id) => !found.has(id)))
            found.set(jobId, { queue: queue.name, jobId, state });
        }
      }
    }
    return { jobs: [...found.values()].slice(0, limit), searched, complete: found.size <= limit };
  }

  /** Each call looks at the next slice. */
  private slices(
    queue: Queue,
    { key, kind }: { key: string; kind: string },
    { type, error, payload }: JobWish,
  ) {
    let first = -SLICE;
    const rules = [type ?? '', error?.toLowerCase() ?? '', JSON.stringify(payload)];
    return async () => {
      first += SLICE;
      const range = [queue.toKey(''), kind, first, first + SLICE - 1];
      const answer = await this.redis.eval(SEARCH_SLICE, 1, queue.toKey(key), ...range, ...rules);
      const [looked, ...jobIds] = answer as [number, ...string[]];
      return { looked, jobIds };
    };
  }
}
