import { Injectable } from '@nestjs/common';
import { WorkerPulse } from '../../../monitoring/worker-pulse';
import { MongoConnector } from '../../../mongo/mongo-connector';
import { watchWrites } from '../../../mongo/watch-writes';
import { ProcessLoad } from './process-load';
import { UsualWrites } from './usual-writes';
import type { WorkerSample } from './worker-sample';

/** Looks after a write was lost, in which what comes back tells of the outage. */
const AWAY_LOOKS = 5;

/** Looks at what a worker process does, and how well. */
@Injectable()
export class WorkerLooks {
  private readonly usual = new UsualWrites();
  private oldestMs: () => number = () => 0;
  private awayLooks = 0;
  private wrote = false;
  private lookedAtMs = performance.now();
  private workedMs = 0;

  constructor(
    private readonly pulse: WorkerPulse,
    private readonly load: ProcessLoad,
    private readonly mongo: MongoConnector,
  ) {}

  /** To be called before the connection is opened. */
  watch(): void {
    this.load.start();
    this.mongo.onceOpen((connection) => {
      this.oldestMs = watchWrites(connection, {
        wrote: (kind, tookMs) => {
          this.wrote = true;
          this.usual.add(kind, tookMs);
        },
        lost: () => {
          this.awayLooks = AWAY_LOOKS;
        },
      });
    });
  }

  /**
   * Since the last look.
   * @param isUsual whether writes that came back while so many jobs ran may pass for usual
   */
  take(isUsual: (active: number) => boolean): WorkerSample {
    const { lookMs, active } = this.worked();
    const sample: WorkerSample = { ...this.load.look(), lookMs, active, database: this.database() };
    if (sample.database === 'away') this.usual.skip();
    else sample.writes = this.usual.look(isUsual(active));
    // Only the fast ones of what was sent meanwhile are back while older ones are not.
    if (sample.writes) sample.writes.longestMs = Math.max(sample.writes.longestMs, this.oldestMs());
    return sample;
  }

  /** What writes take now is what is usual. */
  accept(): void {
    this.usual.accept();
  }

  private worked(): { lookMs: number; active: number } {
    const [now, { workedMs }] = [performance.now(), this.pulse];
    const lookMs = now - this.lookedAtMs;
    const active = (workedMs - this.workedMs) / lookMs;
    this.lookedAtMs = now;
    this.workedMs = workedMs;
    return { lookMs, active };
  }

  private database(): WorkerSample['database'] {
    const { wrote } = this;
    this.wrote = false;
    if (this.awayLooks === 0) return wrote ? 'answers' : 'silent';
    // While it is away nothing comes back, however long that is.
    if (wrote) this.awayLooks -= 1;
    return 'away';
  }
}
