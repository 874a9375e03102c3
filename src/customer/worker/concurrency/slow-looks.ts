import type { WorkerSample } from './worker-sample';

/**
 * Counts looks at slow writes. What was sent before they were slow does not tell of it: where a look has such writes, it
 * is left out.
 */
export class SlowLooks {
  private ageMs = 0;
  private counted = 0;

  /** That count. */
  get looks(): number {
    return this.counted;
  }

  add({ lookMs, writes }: WorkerSample): void {
    const beganMsAgo = this.ageMs;
    this.ageMs += lookMs;
    // The slowness began at some time within the first look.
    if (writes && writes.longestMs <= beganMsAgo) this.counted += 1;
  }

  clear(): void {
    this.ageMs = 0;
    this.counted = 0;
  }
}
