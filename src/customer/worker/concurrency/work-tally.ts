import type { WorkerSample } from './worker-sample';

/** What tells of a rate: at least so many looks, so many writes, and so many times what the longest of them took. */
const LOOKS = 4;
const WRITES = 8;
const LENGTHS = 3;

/** How much a worker gets done: its writes, each as heavy as it usually is. */
export class WorkTally {
  private looks = 0;
  private writes = 0;
  private ms = 0;
  private usualMs = 0;
  private longestMs = 0;

  get isEnough(): boolean {
    const { looks, writes, ms, longestMs } = this;
    return looks >= LOOKS && writes >= WRITES && ms >= LENGTHS * longestMs;
  }

  /** Usual time of what came back, by the time that passed: how many writes would usually be under way. */
  get rate(): number {
    return this.usualMs / this.ms;
  }

  add({ lookMs, writes }: WorkerSample): void {
    this.looks += 1;
    this.ms += lookMs;
    this.writes += writes?.count ?? 0;
    this.usualMs += writes?.usualMs ?? 0;
    this.longestMs = Math.max(this.longestMs, writes?.longestMs ?? 0);
  }

  clear(): void {
    this.looks = 0;
    this.writes = 0;
    this.ms = 0;
    this.usualMs = 0;
    this.longestMs = 0;
  }
}
