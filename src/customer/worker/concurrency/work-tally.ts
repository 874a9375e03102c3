import type { WorkerSample } from './worker-sample';

/** What tells of a rate: at least so many looks, so many writes, and so many times what the longest of them took. */
const LOOKS = 6;
const WRITES = 8;
const LENGTHS = 3;

/** How much a worker gets done: its writes, each as heavy as it usually is. */
export class WorkTally {
  private looks = 0;
  private writes = 0;
  private ms = 0;
  private activeMs = 0;
  private usualMs = 0;
  private tookMs = 0;
  private longestMs = 0;

  get isEnough(): boolean {
    const { looks, writes, ms, longestMs } = this;
    return looks >= LOOKS && writes >= WRITES && ms >= LENGTHS * longestMs;
  }

  /**
   * How many writes would be under way if each took what it usually does: the mean, as logarithms, of two ways to find it.
   * What came back in the time that passed is even where the database is busy all the time, and comes in bursts where it is
   * far away; what each took, by Little's law, is even where it is far away.
   */
  get rate(): number {
    const cameBack = this.usualMs / this.ms;
    const byLaw = ((this.activeMs / this.ms) * this.usualMs) / this.tookMs;
    return Math.sqrt(cameBack * byLaw);
  }

  add({ lookMs, active, writes }: WorkerSample): void {
    this.looks += 1;
    this.ms += lookMs;
    this.activeMs += active * lookMs;
    this.writes += writes?.count ?? 0;
    this.usualMs += writes?.usualMs ?? 0;
    this.tookMs += writes?.tookMs ?? 0;
    this.longestMs = Math.max(this.longestMs, writes?.longestMs ?? 0);
  }
}
