/** Between what, and when, a worker changes how many jobs it runs at once. */
export interface ConcurrencyLimits {
  floor: number;
  ceiling: number;
  /** p99 */
  maxEventLoopDelayMs: number;
  /** 0 to 1 */
  maxMemoryShare: number;
  /** Times as long as writes usually take. */
  maxWriteSlowdown: number;
}

/** What writes took, and what the same ones usually take, in ms of all of them together. */
export interface WriteTimes {
  tookMs: number;
  usualMs: number;
  /** How many they were. */
  count: number;
  /** What the longest of them took, or has taken so far where it is still under way. */
  longestMs: number;
}

/** How a worker process did since the last look, about a second ago. */
export interface WorkerSample {
  /** Since the last look. */
  lookMs: number;
  /** Jobs that ran, on average. */
  active: number;
  /** p99 */
  eventLoopDelayMs: number;
  /** Of the heap's or the container's limit, whichever is nearer, 0 to 1. */
  memoryShare: number;
  /** `answers`: writes came back. `silent`: none did. `away`: some were lost, or were a moment ago. */
  database: 'answers' | 'silent' | 'away';
  /** Of writes of which it is known what is usual; undefined when there was none. */
  writes?: WriteTimes | undefined;
}

export const CHANGE_REASONS = ['event_loop', 'memory', 'database', 'distance', 'probe', 'recovered'] as const;

/** A new limit. After `distance`, what writes take now is what is usual. */
export interface Change {
  limit: number;
  reason: (typeof CHANGE_REASONS)[number];
}

/** How many times as long as usual. */
export const slowdownOf = ({ tookMs, usualMs }: Pick<WriteTimes, 'tookMs' | 'usualMs'>): number =>
  tookMs / usualMs;
