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

/** Where a file begins to stand in the queue. */
export interface FairPlace {
  /** Where its first chunk stands; level 0 is taken first. */
  level: number;
  /** Files of the same tenant that are not done. */
  others: number;
}

/** BullMQ's priority numbers of chunks; all of one level are taken before any of the next. */
export const levelsOf = (priority: Priority): { first: number; last: number } => ({
  first: IMPORT_BASE[priority],
  last: IMPORT_BASE[priority] + IMPORT_SPAN,
});

/**
 * Where a chunk stands: behind single writes, and by its place in its own file. The more files of its tenant are open,
 * the further its chunks are from each other: on a level there is about one chunk of each tenant, so neither a large file
 * nor a thousand of them keep those of others waiting.
 */
export function chunkPriority(
  priority: Priority,
  chunk: number,
  { level, others }: FairPlace,
): Pick<JobsOptions, 'priority'> {
  const { first, last } = levelsOf(priority);
  return { priority: Math.min(first + level + chunk * (others + 1), last) };
}
