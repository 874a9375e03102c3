import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { maskedError } from './dead-letters/masked-error';
import { JobTimesReader, type JobTimes } from './job-times';
import { percentiles, type Percentiles } from './percentiles';
import { countJobs, type QueueCounts } from './queue-counts';
import { throughput, type Throughput } from './throughput';
import { workersOf, type QueueWorker } from './queue-workers';

/** How many of the jobs that ended last the times are taken from. */
export const SAMPLE_SIZE = 500;
export const MAX_FAILURES = 20;

export interface RecentFailure {
  jobId: string;
  type: string;
  reason: string;
  attempts: number;
  /** ISO 8601 */
  failedAt: string | null;
}

/** What changes from one moment to the next. */
export interface QueueGlance {
  paused: boolean;
  counts: QueueCounts;
  oldestWaitingAgeMs: number | null;
  workers: QueueWorker[];
}

export interface QueueDetails extends QueueGlance {
  queue: string;
  throughput: { completed: Throughput; failed: Throughput };
  waitMs: Percentiles;
  runMs: Percentiles;
  recentFailures: RecentFailure[];
}

/** What an operator asks about one queue. Reads a bounded number of jobs, however long the queue is. */
@Injectable()
export class QueueInspector {
  constructor(private readonly times: JobTimesReader) {}

  async glance(queue: Queue, nowMs: number): Promise<QueueGlance> {
    const [counts, paused, oldestDueAt, workers] = await Promise.all([
      countJobs(queue),
      queue.isPaused(),
      this.oldestWaiting(queue),
      workersOf(queue),
    ]);
    const oldestWaitingAgeMs = oldestDueAt === undefined ? null : Math.max(0, nowMs - oldestDueAt);
    return { counts, paused, oldestWaitingAgeMs, workers };
  }

  async inspect(queue: Queue, nowMs: number): Promise<QueueDetails> {
    const [glance, completed, failed, ended, recentFailures] = await Promise.all([
      this.glance(queue, nowMs),
      queue.getMetrics('completed', 0, 60),
      queue.getMetrics('failed', 0, 60),
      this.recentlyEnded(queue),
      this.recentFailures(queue),
    ]);
    return {
      queue: queue.name,
      ...glance,
      throughput: { completed: throughput(completed, nowMs), failed: throughput(failed, nowMs) },
      waitMs: percentiles(ended.flatMap(waitOf)),
      runMs: percentiles(ended.flatMap(runOf)),
      recentFailures,
    };
  }

  private async recentlyEnded(queue: Queue): Promise<JobTimes[]> {
    const ids = await Promise.all([
      queue.getRanges(['completed'], 0, SAMPLE_SIZE - 1),
      queue.getRanges(['failed'], 0, SAMPLE_SIZE - 1),
    ]);
    const times = await this.times.read(queue, ids.flat());
    return times.toSorted((a, b) => (b.finishedAt ?? 0) - (a.finishedAt ?? 0)).slice(0, SAMPLE_SIZE);
  }

  /**
   * When the job that has been ready longest was due. Exact up to 1,000 jobs in each waiting state; of more, the first
   * and the last 500 are looked at, since high ones go to the front and import chunks stand by their place in the file.
   */
  private async oldestWaiting(queue: Queue): Promise<number | undefined> {
    const ids = await Promise.all(
      (['waiting', 'prioritized'] as const).flatMap((state) => [
        queue.getRanges([state], 0, SAMPLE_SIZE - 1, true),
        queue.getRanges([state], 0, SAMPLE_SIZE - 1, false),
      ]),
    );
    const times = await this.times.read(queue, [...new Set(ids.flat())]);
    // One that is tried again was not ready before its last attempt.
    return times.map(({ dueAt, startedAt = 0 }) => Math.max(dueAt, startedAt)).toSorted((a, b) => a - b)[0];
  }

  private async recentFailures(queue: Queue): Promise<RecentFailure[]> {
    const jobs = await queue.getFailed(0, MAX_FAILURES - 1);
    return jobs.map((job) => ({
      jobId: job.id ?? '',
      type: job.name,
      reason: maskedError(job.failedReason),
      attempts: job.attemptsMade,
      failedAt: job.finishedOn === undefined ? null : new Date(job.finishedOn).toISOString(),
    }));
  }
}

/** Of first attempts: a later one's start says how long the others took. */
const waitOf = ({ dueAt, startedAt, attempts }: JobTimes): number[] =>
  startedAt === undefined || attempts > 1 ? [] : [Math.max(0, startedAt - dueAt)];

/** Of the last attempt. */
const runOf = ({ startedAt, finishedAt }: JobTimes): number[] =>
  startedAt === undefined || finishedAt === undefined ? [] : [Math.max(0, finishedAt - startedAt)];
