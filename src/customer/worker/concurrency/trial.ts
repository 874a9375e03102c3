import type { WorkerSample } from './worker-sample';
import { WorkTally } from './work-tally';

/** A worker that has too little to do for so many looks does not find out. */
const MAX_LOOKS = 60;
/**
 * How much of a change in the number of jobs must be found in what they get done for the database to be far away: of all
 * of it, half the jobs get half as much done; of nothing, as much.
 */
const DISTANT_FROM = 0.5;

/** `crowd`: more jobs get no more done. `distance`: they do, however long a write takes. */
export type Verdict = 'crowd' | 'distance' | 'unclear';

/** Runs another number of jobs at once for some looks, to find out whether they get as much done. */
export class Trial {
  private readonly after = new WorkTally();
  private looks = 0;

  /** @param rate of what was done while `from` jobs ran */
  constructor(
    readonly from: number,
    readonly to: number,
    readonly rate: number,
  ) {}

  /** The rate with the other number of jobs. */
  get found(): number {
    return this.after.rate;
  }

  /**
   * @param counts whether as many jobs ran as the trial is about
   * @returns the verdict, when there is one
   */
  add(sample: WorkerSample, counts: boolean): Verdict | undefined {
    this.looks += 1;
    if (sample.database === 'away' || this.looks > MAX_LOOKS) return 'unclear';
    if (!counts) return undefined;
    this.after.add(sample);
    return this.after.isEnough ? this.judge() : undefined;
  }

  private judge(): Verdict {
    const share = Math.log(this.found / this.rate) / Math.log(this.to / this.from);
    return share > DISTANT_FROM ? 'distance' : 'crowd';
  }
}
