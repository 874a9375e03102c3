import { ConcurrencyController } from '../../src/customer/worker/concurrency/concurrency-controller';
import { UsualWrites } from '../../src/customer/worker/concurrency/usual-writes';
import type { Change } from '../../src/customer/worker/concurrency/worker-sample';

/**
 * `crowd`: takes one packet after the other, each of so many ms. `distance`: as fast as ever, and so many ms away.
 */
export interface Slowness {
  crowd?: number;
  distance?: number;
}

interface Options {
  /** Same number, same run. */
  seed: number;
  ceiling: number;
  healthyS: number;
  slowness: Slowness;
  slowS: number;
}

const LOOK_MS = 1_000;
const LIMITS = { floor: 2, maxEventLoopDelayMs: 250, maxMemoryShare: 0.9, maxWriteSlowdown: 3 };
/** Of a chunk of a thousand rows on its way to the database. */
const INSERT = { packets: 4, ms: 14 };
const REPORT = { packets: 1, ms: 2 };
const OTHER = { packets: 1, ms: 1 };

/**
 * A worker that always has chunks to do, on one thread, and a database that does one thing at a time and turns slow: a
 * closed queue in simulated time, with the chance that is in how long things take. It writes no rows.
 * @returns what its controller changed
 */
export function simulateWorker(options: Options): { changes: Change[]; limit: number } {
  const run = new Simulation(options);
  return { changes: run.changes, limit: run.limit };
}

class Simulation {
  readonly changes: Change[] = [];
  private readonly controller: ConcurrencyController;
  private readonly usual = new UsualWrites();
  private readonly events: { atMs: number; happen: () => void }[] = [];
  private readonly underWay = new Set<{ sentAtMs: number }>();
  /** When each is done with all that it was given so far. */
  private readonly free = { thread: 0, wire: 0, database: 0 };
  private now = 0;
  private active = 0;
  private workedMs = 0;
  private countedAt = 0;
  private state: number;

  constructor(private readonly options: Options) {
    this.state = options.seed;
    this.controller = new ConcurrencyController({ ...LIMITS, ceiling: options.ceiling });
    this.begin();
    this.later(LOOK_MS, () => {
      this.look();
    });
    const endMs = (options.healthyS + options.slowS) * 1_000;
    for (let next = this.next(); next && next.atMs <= endMs; next = this.next()) {
      this.now = next.atMs;
      next.happen();
    }
  }

  get limit(): number {
    return this.controller.limit;
  }

  private get slowness(): Slowness {
    return this.now >= this.options.healthyS * 1_000 ? this.options.slowness : {};
  }

  private begin(): void {
    while (this.active < this.limit) {
      this.count();
      this.active += 1;
      this.chunk();
    }
  }

  private chunk(): void {
    this.compute(4, () => {
      this.ask('other', OTHER, () => {
        this.compute(6, () => {
          this.ask('insert', INSERT, () => {
            this.compute(5, () => {
              this.ask('report', REPORT, () => {
                this.compute(2, () => {
                  this.count();
                  this.active -= 1;
                  this.begin();
                });
              });
            });
          });
        });
      });
    });
  }

  private compute(ms: number, then: () => void): void {
    this.take('thread', ms * this.chance(), then);
  }

  private ask(kind: string, { packets, ms }: typeof INSERT, then: () => void): void {
    const sent = { sentAtMs: this.now };
    this.underWay.add(sent);
    const { crowd = 0 } = this.slowness;
    this.take('wire', crowd * packets, () => {
      this.take('database', ms * this.chance(), () => {
        this.later((this.slowness.distance ?? 0) * this.chance(), () => {
          this.underWay.delete(sent);
          this.usual.add(kind, this.now - sent.sentAtMs);
          then();
        });
      });
    });
  }

  private look(): void {
    this.count();
    const active = this.workedMs / LOOK_MS;
    this.workedMs = 0;
    const writes = this.usual.look(this.controller.isUsual(active));
    const [oldest] = this.underWay;
    if (writes) writes.longestMs = Math.max(writes.longestMs, this.now - (oldest?.sentAtMs ?? this.now));
    const change = this.controller.next({
      ...{ lookMs: LOOK_MS, active, eventLoopDelayMs: 20, memoryShare: 0.1, database: 'answers', writes },
    });
    if (change?.reason === 'distance') this.usual.accept();
    if (change) this.changes.push(change);
    this.begin();
    this.later(LOOK_MS, () => {
      this.look();
    });
  }

  private count(): void {
    this.workedMs += this.active * (this.now - this.countedAt);
    this.countedAt = this.now;
  }

  /** In turn, after all that was given before. */
  private take(what: keyof Simulation['free'], ms: number, then: () => void): void {
    this.free[what] = Math.max(this.now, this.free[what]) + ms;
    this.later(this.free[what] - this.now, then);
  }

  private later(ms: number, happen: () => void): void {
    const atMs = this.now + ms;
    const place = this.events.findLastIndex((event) => event.atMs <= atMs);
    this.events.splice(place + 1, 0, { atMs, happen });
  }

  private next(): { atMs: number; happen: () => void } | undefined {
    return this.events.shift();
  }

  /** 0.6 to 1.4: a linear congruential generator, of Numerical Recipes. */
  private chance(): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return 0.6 + (0.8 * this.state) / 2 ** 32;
  }
}
