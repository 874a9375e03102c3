import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Metrics, PREFIX } from './metrics';

/** How many jobs a worker may run at once, and what changed that. */
@Injectable()
export class ConcurrencyMetrics {
  private readonly limit: Gauge;
  private readonly changes: Counter<'reason'>;

  constructor({ counted }: Metrics) {
    const registers = [counted];
    this.limit = new Gauge({
      name: `${PREFIX}worker_concurrency`,
      help: 'Jobs that this worker runs at once, at most, as things are now.',
      registers,
    });
    this.changes = new Counter({
      name: `${PREFIX}worker_concurrency_changes_total`,
      help: 'Changes of the number of jobs that run at once, by what they were for.',
      labelNames: ['reason'],
      registers,
    });
  }

  /** @param reasons all there may be: each is told from the beginning */
  begin(limit: number, reasons: readonly string[]): void {
    this.limit.set(limit);
    for (const reason of reasons) this.changes.inc({ reason }, 0);
  }

  changed(limit: number, reason: string): void {
    this.limit.set(limit);
    this.changes.inc({ reason });
  }
}
