import type { WorkerSample } from './worker-sample';
import { WriteTally } from './write-tally';

/** What counts: at least so many looks, and so many writes. */
const LOOKS = 3;
const WRITES = 8;
/** A worker that has too little to do for so many looks does not find out. */
const MAX_LOOKS = 60;
/**
 * How much of a change in the number of jobs must be found in the time of a write for the jobs to be what it waits for: of
 * all of it, half the jobs get as much done; of nothing, half as much.
 */
const CROWDED_FROM = 0.7;

/**
 * `crowd`: a write takes longer the more jobs there are, so more of them get nothing done. `distance`: it takes that long
 * in any case, so fewer of them get less done.
 */
export type Verdict = 'crowd' | 'distance' | 'unclear';

/** Runs another number of jobs at once for some looks, to find out what makes writes slow. */
export class Trial {
  private readonly after = new WriteTally();
  private looks = 0;

  /** @param slowdown of writes while `from` jobs ran */
  constructor(
    readonly from: number,
    readonly to: number,
    private readonly slowdown: number,
  ) {}

  /** How slow writes are with the other number of jobs. */
  get found(): number {
    return this.after.slowdown;
  }

  /** @returns the verdict, when there is one */
  add(sample: WorkerSample, isInUse: boolean): Verdict | undefined {
    this.looks += 1;
    if (sample.database === 'away' || this.looks > MAX_LOOKS) return 'unclear';
    // Jobs that were begun before end first.
    if (!isInUse || sample.active > this.to + 0.5) return undefined;
    this.after.add(sample);
    return this.after.looks < LOOKS || this.after.writes < WRITES ? undefined : this.judge();
  }

  private judge(): Verdict {
    const share = Math.log(this.found / this.slowdown) / Math.log(this.to / this.from);
    return share >= CROWDED_FROM ? 'crowd' : 'distance';
  }
}
