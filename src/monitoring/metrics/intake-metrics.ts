import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { ALL_JOB_LABELS, labelsOf } from './job-types';
import { Metrics, PREFIX } from './metrics';

/** What the API accepted. */
@Injectable()
export class IntakeMetrics {
  private readonly jobs: Counter<'queue' | 'type'>;

  constructor({ counted }: Metrics) {
    this.jobs = new Counter({
      name: `${PREFIX}jobs_accepted_total`,
      help: 'Jobs that were put on a queue, and are as safe as was asked for.',
      labelNames: ['queue', 'type'],
      registers: [counted],
    });
    for (const labels of ALL_JOB_LABELS) this.jobs.inc({ ...labels }, 0);
  }

  accepted(queue: string, name: string, jobs: number): void {
    this.jobs.inc({ ...labelsOf(queue, name) }, jobs);
  }
}
