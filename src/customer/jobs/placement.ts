import type { Priority } from './customer.jobs';

/** Where and when a job takes its place in the queue. */
export interface Placement {
  priority: Priority;
  /** From now on, 0 for at once. */
  delayMs: number;
}
