/** One queue at one moment. */
export interface QueueSample {
  /** Ready to run. */
  waiting: number;
  active: number;
  /** Planned, or waiting for their next attempt. */
  delayed: number;
  /** Dead letters. */
  failed: number;
  /** Jobs that ended, ever. */
  completedEver: number;
  failedEver: number;
}

/** The service at one moment, small enough to be kept for an hour. */
export interface Sample {
  /** ms since 1970, by the clock of the process that looked */
  atMs: number;
  queues: Record<string, QueueSample>;
  /** bytes */
  redisMemory: number;
  /** Null while MongoDB does not answer. */
  mongoMs: number | null;
  workers: number;
}

/** Jobs per second of one queue. */
export interface Rates {
  accepted: number;
  processed: number;
  failed: number;
}

/**
 * What happened between two moments, per second. Jobs that were put on a queue are those that it has more of, and those
 * that ended meanwhile; a replay puts its jobs on the queue once more.
 */
export function ratesBetween(before: QueueSample | undefined, after: QueueSample, elapsedMs: number): Rates {
  if (!before || elapsedMs <= 0) return { accepted: 0, processed: 0, failed: 0 };
  const perSecond = (jobs: number): number => Math.max(0, (jobs * 1000) / elapsedMs);
  const processed = after.completedEver - before.completedEver;
  const failed = after.failedEver - before.failedEver;
  const more = depthOf(after) - depthOf(before);
  return {
    accepted: perSecond(more + processed + failed),
    processed: perSecond(processed),
    failed: perSecond(failed),
  };
}

const depthOf = ({ waiting, active, delayed }: QueueSample): number => waiting + active + delayed;
