import type { Queue } from 'bullmq';

/** Jobs by state. Each job is in exactly one of them. */
export interface QueueCounts {
  /** Ready, and taken in the order of their arrival. */
  pending: number;
  active: number;
  /** Planned for later, or waiting for their next attempt. */
  delayed: number;
  /** Ready, and taken by their priority, after all pending ones. */
  prioritized: number;
  completed: number;
  failed: number;
  /** Sum of all others. */
  total: number;
}

/** Counts at one moment: BullMQ reads all states in one script. */
export async function countJobs(queue: Queue): Promise<QueueCounts> {
  const {
    active = 0,
    delayed = 0,
    prioritized = 0,
    completed = 0,
    failed = 0,
    ...others
  } = await queue.getJobCounts();
  // Waiting, and what BullMQ may ever part from it, such as jobs that wait for their children.
  const pending = Object.values(others).reduce((sum, count) => sum + count, 0);
  const total = pending + active + delayed + prioritized + completed + failed;
  return { pending, active, delayed, prioritized, completed, failed, total };
}
