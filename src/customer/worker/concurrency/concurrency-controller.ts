import { Climb } from './climb';
import { SlowLooks } from './slow-looks';
import { Trial } from './trial';
import { slowdownOf, type Change, type ConcurrencyLimits, type WorkerSample } from './worker-sample';
import { WorkTally } from './work-tally';

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
/** Looks at a database that stays slow before more jobs are tried; doubled each time that they got nothing more done. */
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
  /** In a row. */
  private readonly tooSlow = new SlowLooks();
  private readonly slow = new SlowLooks();
  /** What so many jobs get done while the database is slow. */
  private done = new WorkTally();
  private readonly climb = new Climb();
  private trial: Trial | undefined;
  private probeAfter = PROBE_AFTER;
  /** Whether there are fewer jobs, for as long as the database is slow. */
  private isRelieved = false;
  /** Whether it was found why it is slow. */
  private isJudged = false;
  /** Fewer jobs than these got less done. */
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
    if (this.tooSlow.looks >= BAD_LOOKS) return this.relieve();
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
    if (!this.isInUse(active)) return;
    if (this.isInForce(active)) this.done.add(sample);
    if (!writes) return;
    const slowdown = slowdownOf(writes);
    if (slowdown > maxWriteSlowdown) this.tooSlow.add(sample);
    else this.tooSlow.clear();
    if (slowdown > CALM * maxWriteSlowdown) this.slow.add(sample);
    else this.calm();
  }

  /** The database is not slow any longer. */
  private calm(): void {
    this.slow.clear();
    this.done = new WorkTally();
    this.probeAfter = PROBE_AFTER;
    this.isRelieved = false;
    this.isJudged = false;
    this.enough = 0;
  }

  /** The process itself is short of something. */
  private ease(active: number): Change | undefined {
    // To run no more than the floor needs no limit.
    if (!this.isInForce(active) || active <= this.limits.floor || this.sinceChange < BAD_LOOKS)
      return undefined;
    const jobs = Math.min(this.now, Math.ceil(active));
    if (this.shortLooks >= BAD_LOOKS) return this.fall(jobs * LEFT.memory, 'memory');
    return this.lateLooks >= BAD_LOOKS ? this.fall(jobs * LEFT.event_loop, 'event_loop') : undefined;
  }

  /** Writes are slow. Relief comes at once; whether it is the jobs' doing is found by what fewer of them get done. */
  private relieve(): Change | undefined {
    const { now, done } = this;
    if (!this.isRelieved) {
      this.isRelieved = true;
      const change = this.fall(now * LEFT.database, 'database');
      if (change) return change;
    }
    if (now <= this.enough || now === this.limits.floor) return this.probe();
    if (!done.isEnough) return undefined;
    const { rate } = done;
    const change = this.fall(now * LEFT.database, 'database');
    if (change) this.trial = new Trial(now, change.limit, rate);
    return change;
  }

  /** Writes stay slow. Whether more jobs get more done all the same is found with more. */
  private probe(): Change | undefined {
    const { now, done } = this;
    const isDue = this.isJudged ? this.slow.looks >= this.probeAfter : this.isRelieved;
    if (!isDue || !done.isEnough || now === this.limits.ceiling) return undefined;
    return this.tryMore(now, done.rate);
  }

  private tryMore(from: number, rate: number): Change {
    const change = this.set(Math.min(this.limits.ceiling, from * 2), 'probe');
    this.trial = new Trial(from, change.limit, rate);
    return change;
  }

  private judge(trial: Trial, sample: WorkerSample): Change | undefined {
    const { active } = sample;
    const verdict = trial.add(sample, this.isInUse(active) && this.isInForce(active));
    if (!verdict) return undefined;
    this.trial = undefined;
    this.isJudged = verdict !== 'unclear';
    const { ceiling } = this.limits;
    const [more, rate] = trial.to > trial.from ? [trial.to, trial.found] : [trial.from, trial.rate];
    if (verdict === 'distance') {
      this.enough = more;
      // All that may run get more done than fewer do: it takes that long in any case.
      return more === ceiling ? this.set(ceiling, 'distance') : this.tryMore(more, rate);
    }
    if (trial.to < trial.from) return undefined;
    this.probeAfter = Math.min(MAX_PROBE_AFTER, this.probeAfter * 2);
    return this.set(trial.from, 'database');
  }

  private rise({ database }: WorkerSample): Change | undefined {
    if (database !== 'answers' || this.isRelieved || this.now === this.limits.ceiling) return undefined;
    if (!this.climb.isDue(this.sinceChange)) return undefined;
    this.climb.rose();
    const step = Math.max(1, Math.floor(this.now / 8));
    return this.set(Math.min(this.limits.ceiling, this.now + step), 'recovered');
  }

  private isInUse(active: number): boolean {
    return active >= IN_USE * this.now;
  }

  /** Jobs that were begun under the last limit end first. */
  private isInForce(active: number): boolean {
    return active <= this.now + 0.5;
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
    this.done = new WorkTally();
    return { limit, reason };
  }
}
