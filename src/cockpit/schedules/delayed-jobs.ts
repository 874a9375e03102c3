import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { QUEUES } from '../../queue/queues.module';
import { JobReader } from '../../queue/search/job-reader';
import type { DelayedJobsView, DelayedJobView } from './schedules.view';

/** BullMQ orders delayed jobs by when they are due, in ms, times this, and a number within the ms. */
const SCORES_PER_MS = 0x1000;
/** @returns ms since 1970 */
export const dueAtOf = (score: number): number => Math.floor(score / SCORES_PER_MS);

interface Delayed {
  queue: Queue;
  jobId: string;
  score: number;
}

/** Jobs of all queues that are to run later: planned by callers, by schedules, or waiting for their next attempt. */
@Injectable()
export class DelayedJobs {
  constructor(
    @Inject(QUEUES) private readonly queues: readonly Queue[],
    private readonly redis: Redis,
    private readonly jobs: JobReader,
  ) {}

  /** @param cursor the place of the last job of the page before, and how many of that place were shown */
  async list(limit: number, cursor = '0-0'): Promise<DelayedJobsView> {
    const [from = 0, shown = 0] = cursor.split('-').map(Number);
    const found = await Promise.all(this.queues.map((queue) => this.ofQueue(queue, from, shown + limit + 1)));
    // Sorting is stable: jobs of one place stay in the order of queues, and of Redis.
    const ahead = found
      .flat()
      .sort((a, b) => a.score - b.score)
      .slice(shown);
    const page = ahead.slice(0, limit);
    return {
      items: await this.views(page),
      total: await this.count(),
      nextCursor: ahead.length > limit ? cursorAfter(page, from, shown) : null,
    };
  }

  private async ofQueue(queue: Queue, from: number, most: number): Promise<Delayed[]> {
    const answer = await this.redis.zrange(
      queue.toKey('delayed'),
      String(from),
      '+inf',
      'BYSCORE',
      'LIMIT',
      0,
      most,
      'WITHSCORES',
    );
    return Array.from({ length: answer.length / 2 }, (_, place) => ({
      queue,
      jobId: answer[2 * place] ?? '',
      score: Number(answer[2 * place + 1]),
    }));
  }

  /** Those that are gone meanwhile are left out. */
  private async views(page: Delayed[]): Promise<DelayedJobView[]> {
    const byQueue = Map.groupBy(page, ({ queue }) => queue);
    const views = new Map<Delayed, DelayedJobView>();
    for (const [queue, delayed] of byQueue) {
      const read = await this.jobs.read(
        queue,
        delayed.map(({ jobId }) => jobId),
      );
      const facts = new Map(read.map((job) => [job.jobId, job]));
      for (const one of delayed) {
        const job = facts.get(one.jobId);
        if (!job) continue;
        const { tenantId } = job.payload;
        views.set(one, {
          queue: queue.name,
          jobId: one.jobId,
          type: job.type,
          tenantId: typeof tenantId === 'string' ? tenantId : null,
          due: new Date(dueAtOf(one.score)).toISOString(),
        });
      }
    }
    return page.flatMap((one) => views.get(one) ?? []);
  }

  private async count(): Promise<number> {
    const counts = await Promise.all(this.queues.map((queue) => queue.getDelayedCount()));
    return counts.reduce((sum, count) => sum + count, 0);
  }
}

function cursorAfter(page: Delayed[], from: number, shown: number): string {
  const last = page.at(-1)?.score ?? from;
  const ofLast = page.filter(({ score }) => score === last).length;
  return `${last}-${last === from ? shown + ofLast : ofLast}`;
}
