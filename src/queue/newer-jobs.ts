import { DelayedError, type Job } from 'bullmq';
import type { Logger } from '../logging/logger';
import type { JobMetrics } from '../monitoring/metrics/job-metrics';
import { newestOf, versionOf, type JobVersions } from './job-versions';

/** Until a job is offered again: soon at first, since a newer worker is nearly always there or about to come. */
const FIRST_WAIT_MS = 2_000;
const MAX_WAIT_MS = 60_000;
/** A whole queue may be newer: one line tells of all that were handed back in this time. */
const TELL_EVERY_MS = 60_000;

/**
 * Jobs of a newer build, which an older worker meets while both run. It would do them wrong, or not know their name: it
 * hands them back for a newer one, however often. That uses up no attempt, and leaves a job its place in its lanes.
 */
export class NewerJobs {
  private readonly known: number;
  private toldAtMs = -Infinity;
  private untold = 0;

  /** @param versions of the queue's contract */
  constructor(
    versions: JobVersions,
    private readonly metrics: JobMetrics,
    private readonly logger: Logger,
  ) {
    this.known = newestOf(versions);
  }

  has({ data }: Job<unknown>): boolean {
    return versionOf(data) > this.known;
  }

  /** @returns what the queue must be told: the job comes back */
  async handBack(job: Job<unknown>): Promise<DelayedError> {
    await job.moveToDelayed(Date.now() + waitMs(job.attemptsStarted), job.token);
    this.metrics.newer(job.queueName);
    this.tell(job);
    return new DelayedError();
  }

  private tell({ queueName, name, id, data }: Job<unknown>): void {
    this.untold += 1;
    const nowMs = performance.now();
    if (nowMs - this.toldAtMs < TELL_EVERY_MS) return;
    const about = { queue: queueName, job: name, jobId: id, version: versionOf(data), known: this.known };
    this.logger.warn(
      { ...about, handedBack: this.untold },
      'A job of a newer version waits for a newer worker',
    );
    this.toldAtMs = nowMs;
    this.untold = 0;
  }
}

/** Half of it random: jobs that were queued together do not all come back together. */
function waitMs(attemptsStarted: number): number {
  const longest = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(Math.max(attemptsStarted - 1, 0), 10));
  return Math.round(longest * (0.5 + Math.random() / 2));
}
