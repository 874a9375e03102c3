import { slowdownOf, type WorkerSample } from './worker-sample';

/**
 * Writes of several looks at one state of things, each as heavy as it usually is. What was sent before that state began
 * does not tell of it: where a look has such writes, it is left out.
 */
export class WriteTally {
  private tookMs = 0;
  private usualMs = 0;
  private ageMs = 0;
  private counted = 0;
  private wrote = 0;

  /** That count. */
  get looks(): number {
    return this.counted;
  }

  get writes(): number {
    return this.wrote;
  }

  get slowdown(): number {
    return slowdownOf({ tookMs: this.tookMs, usualMs: this.usualMs });
  }

  add({ lookMs, writes }: WorkerSample): void {
    const beganMsAgo = this.ageMs;
    this.ageMs += lookMs;
    // The state began at some time within the first look.
    if (!writes || writes.longestMs > beganMsAgo) return;
    this.tookMs += writes.tookMs;
    this.usualMs += writes.usualMs;
    this.wrote += writes.count;
    this.counted += 1;
  }

  clear(): void {
    this.tookMs = 0;
    this.usualMs = 0;
    this.ageMs = 0;
    this.counted = 0;
    this.wrote = 0;
  }
}
