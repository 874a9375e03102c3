import type { Job, Worker } from 'bullmq';
import type { JobMetrics } from './job-metrics';

/** Counts jobs that a worker finds without the one that had them. Each is found by one worker. */
export function countStalls(worker: Worker, metrics: JobMetrics): void {
  worker.on('stalled', () => {
    metrics.stalled(worker.name);
  });
}

/** Counts attempts by what a worker tells of them: for queues on which a job is done or fails, and is never refused. */
export function countAttempts(worker: Worker, metrics: JobMetrics): void {
  worker.on('completed', (job) => {
    metrics.began(job);
    metrics.ended(job, 'completed', runMsOf(job));
  });
  worker.on('failed', (job) => {
    if (!job) return;
    metrics.began(job);
    // Only what does not come back has an end.
    metrics.ended(job, job.finishedOn ? 'dead' : 'retried', runMsOf(job));
  });
}

const runMsOf = ({ processedOn, finishedOn }: Job): number => {
  const endedAt = finishedOn ?? Date.now();
  return Math.max(0, endedAt - (processedOn ?? endedAt));
};
