import { hostname } from 'node:os';

/**
 * How any worker of ours takes jobs. They are short, so a lock of 10 s and a look for stalled ones each 5 s: a killed
 * worker's job is back within 15 s or so.
 */
export const WORKER_OPTIONS = {
  name: `${hostname()}:${process.pid}`,
  lockDuration: 10_000,
  stalledInterval: 5_000,
  // BullMQ waits 15 s after its connection was lost, when Redis may long be back.
  runRetryDelay: 1_000,
  // Two weeks of minutes; the same on every worker.
  metrics: { maxDataPoints: 14 * 24 * 60 },
} as const;
