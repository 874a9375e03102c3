import { Climb } from './climb';
import { Trial } from './trial';
import { slowdownOf, type Change, type ConcurrencyLimits, type WorkerSample } from './worker-sample';
import { WriteTally } from './write-tally';

/** One look may be bad by chance: a collection of garbage, a checkpoint of the database. */
const BAD_LOOKS = 2;
/** What is left of the jobs. */
const LEFT = { event_loop: 0.75, memory: 0.5, database: 0.5 } as const;
/** The share of the limit from which on the limit is what holds the worker back, and not the want of jobs. */
const IN_USE = 0.7;
/**
 * The share of a maximum below which there is room for more. A step from two jobs to three makes a saturated database
 * half as slow again, which from here is no more than the maximum.
 */
const CALM = 2 / 3;
/** Most of a worker's memory is there with few jobs, too. */
const CALM_MEMORY = 0.9;
/** Looks at a database that stays slow before more jobs are tried; doubled each time that they get nothing more done. */
const PROBE_AFTER = 60;
const MAX_PROBE_AFTER = 960;

/**
 * How many jobs a worker runs at once: look by look, without a clock. It begins at the ceiling, falls by shares, rises by
 * steps, and only while the limit is what holds the worker back. Why, says docs/reliability.md.
 */
export class ConcurrencyController {
  private now: number;
  private sinceChange = 0;
  private lateLooks = 0;
  private shortLooks = 0;
  /** Of looks in a row. */
  private readonly tooSlow = new WriteTally();
  private readonly slow = new WriteTally();
  private readonly climb = new Climb();
  private trial: Trial | undefined;
  private probeAfter = PROBE_AFTER;
  /** Fewer jobs than these got less done, while the database is as slow as it is. */
  private enough = 0;

  constructor(private readonly limits: ConcurrencyLimits) {
    this.now = limits.ceiling;
  }

  get limit(): number {
    return this.now;
  }

  /** Whether what is seen may pass for usual: only where as many jobs run as ever may is like compared with like. */
  isUsual(active: number): boolean {
    return this.now === this.limits.ceiling && this.isInUse(active);
  }

  /** @returns the new limit, where there is a reason for one */
  next(sample: WorkerSample): Change | undefined {
    this.count(sample);
    const pressed = this.ease(sample.active);
    if (pressed) return pressed;
    if (this.trial) return this.judge(this.trial, sample);
    if (this.tooSlow.looks >= BAD_LOOKS) return this.relieve(this.tooSlow.slowdown);
    if (!this.hasRoom(sample)) return undefined;
    return this.slow.looks > 0 ? this.probe() : this.rise(sample);
  }

  private count(sample: WorkerSample): void {
    const { active, eventLoopDelayMs, memoryShare, writes } = sample;
    const { maxEventLoopDelayMs, maxMemoryShare, maxWriteSlowdown } = this.limits;
    this.sinceChange += 1;
    this.climb.look();
    this.lateLooks = eventLoopDelayMs > maxEventLoopDelayMs ? this.lateLooks + 1 : 0;
    this.shortLooks = memoryShare > maxMemoryShare ? this.shortLooks + 1 : 0;
    if (!writes || !this.isInUse(active)) return;
    const slowdown = slowdownOf(writes);
    if (slowdown > maxWriteSlowdown) this.tooSlow.add(sample);
    else this.tooSlow.clear();
    if (slowdown > CALM * maxWriteSlowdown) this.slow.add(sample);
    else {
      this.slow.clear();
      this.probeAfter = PROBE_AFTER;
      this.enough = 0;
    }
  }

  /** The process itself is short of something. */
  private ease(active: number): Change | undefined {
    // Jobs that were begun under the last limit end first; and to run no more than the floor needs no limit.
    if (active > this.now + 0.5 || active <= this.limits.floor || this.sinceChange < BAD_LOOKS)
      return undefined;
    const jobs = Math.min(this.now, Math.ceil(active));
    if (this.shortLooks >= BAD_LOOKS) return this.fall(jobs * LEFT.memory, 'memory');
    return this.lateLooks >= BAD_LOOKS ? this.fall(jobs * LEFT.event_loop, 'event_loop') : undefined;
  }

  /** Writes are slow. Whether because of how many jobs there are is found with fewer. */
  private relieve(slowdown: number): Change | undefined {
    const before = this.now;
    const change = before > this.enough ? this.fall(before * LEFT.database, 'database') : undefined;
    if (change) this.trial = new Trial(before, change.limit, slowdown);
    else if (this.slow.looks >= this.probeAfter) return this.probe();
    return change;
  }

  /** Writes stay slow. Whether more jobs get more done all the same is found with more. */
  private probe(): Change | undefined {
    const { now } = this;
    const more = Math.min(this.limits.ceiling, Math.max(now + 1, Math.floor(now * 1.5)));
    if (this.slow.looks < this.probeAfter || more === now) return undefined;
    const { slowdown } = this.slow;
    const change = this.set(more, 'probe');
    this.trial = new Trial(now, more, slowdown);
    return change;
  }

  private judge(trial: Trial, sample: WorkerSample): Change | undefined {
    const verdict = trial.add(sample, this.isInUse(sample.active));
    if (!verdict) return undefined;
    this.trial = undefined;
    if (verdict === 'distance' && trial.to < trial.from && trial.from < this.limits.ceiling) {
      // A crowd was found with more jobs: what writes take with these is not what is usual.
      this.enough = trial.from;
      return this.set(trial.from, 'probe');
    }
    if (verdict === 'distance') return this.set(Math.max(trial.from, trial.to), 'distance');
    if (trial.to > trial.from) {
      this.probeAfter = Math.min(MAX_PROBE_AFTER, this.probeAfter * 2);
      return this.set(trial.from, 'database');
    }
    const staysSlow = verdict === 'crowd' && trial.found > this.limits.maxWriteSlowdown;
    return staysSlow ? this.relieve(trial.found) : undefined;
  }

  private rise({ database }: WorkerSample): Change | undefined {
    if (database !== 'answers' || this.now === this.limits.ceiling) return undefined;
    if (!this.climb.isDue(this.sinceChange)) return undefined;
    this.climb.rose();
    const step = Math.max(1, Math.floor(this.now / 8));
    return this.set(Math.min(this.limits.ceiling, this.now + step), 'recovered');
  }

  private isInUse(active: number): boolean {
    return active >= IN_USE * this.now;
  }

  private hasRoom({ active, eventLoopDelayMs, memoryShare }: WorkerSample): boolean {
    const { maxEventLoopDelayMs, maxMemoryShare } = this.limits;
    return (
      this.isInUse(active) &&
      eventLoopDelayMs <= CALM * maxEventLoopDelayMs &&
      memoryShare <= CALM_MEMORY * maxMemoryShare
    );
  }

  private fall(to: number, reason: 'event_loop' | 'memory' | 'database'): Change | undefined {
    const limit = Math.max(this.limits.floor, Math.floor(to));
    if (limit >= this.now) return undefined;
    this.climb.fell();
    return this.set(limit, reason);
  }

  private set(limit: number, reason: Change['reason']): Change {
    this.now = limit;
    this.trial = undefined;
    this.sinceChange = 0;
    this.tooSlow.clear();
    this.slow.clear();
    return { limit, reason };
  }
}
