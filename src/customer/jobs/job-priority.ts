import type { JobsOptions } from 'bullmq';
import type { Priority } from './customer.jobs';

/** All below 2,097,152, BullMQ's largest priority number; the smallest is taken first. */
const LOW_SINGLE = 500_000;
const IMPORT_BASE = { high: 1, normal: 1_000_000, low: 1_500_000 } as const satisfies Record<
  Priority,
  number
>;
const IMPORT_SPAN = 400_000;

/**
 * Where a single write stands in the queue. BullMQ serves jobs without a priority before all that have one, so a
 * normal write is never behind an import; a high one goes to the front of the line.
 */
export function singlePriority(priority: Priority): Pick<JobsOptions, 'priority' | 'lifo'> {
  return { high: { lifo: true }, normal: {}, low: { priority: LOW_SINGLE } }[priority];
}

/**
 * Where a chunk stands: behind single writes, and by its place in its own file. All first chunks come before all
 * second ones, so a small import is never stuck behind a large one.
 */
export function chunkPriority(priority: Priority, chunk: number): Pick<JobsOptions, 'priority'> {
  return { priority: IMPORT_BASE[priority] + Math.min(chunk, IMPORT_SPAN) };
}
