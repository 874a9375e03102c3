import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { Metrics, PREFIX } from './metrics';

const OUTCOMES = ['created', 'updated', 'unchanged', 'skipped', 'rejected'] as const;

/** What became of the rows of imports. */
@Injectable()
export class ImportMetrics {
  private readonly rows: Counter<'outcome'>;

  constructor({ counted }: Metrics) {
    this.rows = new Counter({
      name: `${PREFIX}import_rows_total`,
      help: 'Rows of imports that were settled; dry runs write nothing, and are not counted.',
      labelNames: ['outcome'],
      registers: [counted],
    });
    for (const outcome of OUTCOMES) this.rows.inc({ outcome }, 0);
  }

  settled(counts: Record<(typeof OUTCOMES)[number], number>): void {
    for (const outcome of OUTCOMES) this.rows.inc({ outcome }, counts[outcome]);
  }
}
