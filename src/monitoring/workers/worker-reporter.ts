import { hostname } from 'node:os';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { WorkerConcurrency } from '../../customer/worker/concurrency/worker-concurrency';
import { LOGGER, type Logger } from '../../logging/logger';
import { PRODUCT_VERSION } from '../../product-version';
import { inTime } from '../../timing/in-time';
import { oneAtATime } from '../../timing/one-at-a-time';
import { WorkerPulse } from '../worker-pulse';
import { WorkerReports } from './worker-reports';

/** How often a worker says that it is there; silent for three times as long, it counts as lost. */
export const REPORT_EVERY_MS = 5_000;
/** For a last word, in ms. */
const LEAVE_MS = 300;

/** Tells of this worker process, while it lives. */
@Injectable()
export class WorkerReporter implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly startedAt = new Date().toISOString();
  private readonly id = `${hostname()}:${process.pid}:${Date.parse(this.startedAt)}`;
  private timer: NodeJS.Timeout | undefined;
  /** A Redis that is away holds the report back: one waits, not one per look. */
  private readonly send = oneAtATime(() => this.reports.report(this.own()));

  constructor(
    private readonly reports: WorkerReports,
    private readonly pulse: WorkerPulse,
    private readonly concurrency: WorkerConcurrency,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    const report = (): void => {
      this.send().catch((error: unknown) => {
        this.logger.debug({ err: error }, 'A worker could not tell of itself');
      });
    };
    report();
    this.timer = setInterval(report, REPORT_EVERY_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    try {
      await inTime(LEAVE_MS, this.reports.leave(this.id));
    } catch (error) {
      // It is found silent, and forgotten.
      this.logger.debug({ err: error }, 'A worker could not take its leave');
    }
  }

  private own() {
    return {
      id: this.id,
      host: hostname(),
      pid: process.pid,
      version: PRODUCT_VERSION,
      startedAt: this.startedAt,
      concurrency: this.concurrency.limit,
      active: this.pulse.active,
      memory: process.memoryUsage.rss(),
    };
  }
}
