import { Injectable } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';
import { ALL_JOB_LABELS, KNOWN_QUEUES, labelsOf } from './job-types';
import { Metrics, PREFIX } from './metrics';

const WAIT_BUCKETS_S = [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 1800];
const RUN_BUCKETS_S = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** How an attempt ended: well, with an answer that it can't be done, with another attempt to come, or for good. */
const OUTCOMES = ['completed', 'refused', 'retried', 'dead'] as const;
export type AttemptOutcome = (typeof OUTCOMES)[number];

/** What a job's hash says of it. */
export interface TimedJob {
  queueName: string;
  name: string;
  /** When it was added, in ms since 1970. */
  timestamp: number;
  opts: { delay?: number };
  /** When its last attempt began. */
  processedOn?: number | undefined;
  attemptsStarted: number;
}

/** What workers did. Of attempts, since a job may be delivered more than once. */
@Injectable()
export class JobMetrics {
  private readonly processed: Counter<'queue' | 'type' | 'outcome'>;
  private readonly retries: Counter<'queue' | 'type'>;
  private readonly waits: Histogram<'queue' | 'type'>;
  private readonly runs: Histogram<'queue' | 'type'>;
  private readonly stalls: Counter<'queue'>;
  private readonly newerOnes: Counter<'queue'>;

  constructor({ counted }: Metrics) {
    const ofType = { labelNames: ['queue', 'type'] as const, registers: [counted] };
    this.processed = new Counter({
      ...ofType,
      name: `${PREFIX}jobs_processed_total`,
      help: 'Attempts that ended: completed, refused (an answer, no fault), retried (it comes back), dead.',
      labelNames: ['queue', 'type', 'outcome'],
    });
    this.retries = new Counter({
      ...ofType,
      name: `${PREFIX}job_retries_total`,
      help: 'Attempts that failed and have another one to come.',
    });
    this.waits = new Histogram({
      ...ofType,
      name: `${PREFIX}job_wait_seconds`,
      help: 'From when a job was due to when its first attempt began.',
      buckets: WAIT_BUCKETS_S,
    });
    this.runs = new Histogram({
      ...ofType,
      name: `${PREFIX}job_run_seconds`,
      help: 'From the beginning of an attempt to its end; one that waited for MongoDB waited in this time.',
      buckets: RUN_BUCKETS_S,
    });
    this.stalls = new Counter({
      name: `${PREFIX}jobs_stalled_total`,
      help: 'Jobs that were found without the worker that had them.',
      labelNames: ['queue'],
      registers: [counted],
    });
    this.newerOnes = new Counter({
      name: `${PREFIX}jobs_newer_total`,
      help: 'Times that a job of a newer version was handed back, for a newer worker.',
      labelNames: ['queue'],
      registers: [counted],
    });
    this.beginAtZero();
  }

  /** A job began; a job that comes back did not wait for a worker. */
  began({ queueName, name, timestamp, opts, processedOn, attemptsStarted }: TimedJob): void {
    if (attemptsStarted > 1 || processedOn === undefined) return;
    const waitMs = processedOn - timestamp - (opts.delay ?? 0);
    // Clocks of two hosts may differ.
    this.waits.observe({ ...labelsOf(queueName, name) }, Math.max(0, waitMs) / 1000);
  }

  ended({ queueName, name }: TimedJob, outcome: AttemptOutcome, runMs: number): void {
    this.runs.observe({ ...labelsOf(queueName, name) }, runMs / 1000);
    this.count(queueName, name, outcome);
  }

  /** The queue gave a job up whose worker is gone: nobody knows how long that ran. */
  lost({ queueName, name }: TimedJob): void {
    this.count(queueName, name, 'dead');
  }

  stalled(queue: string): void {
    this.stalls.inc({ queue });
  }

  /** A job of a newer version came to this worker. */
  newer(queue: string): void {
    this.newerOnes.inc({ queue });
  }

  private count(queue: string, name: string, outcome: AttemptOutcome): void {
    const labels = labelsOf(queue, name);
    this.processed.inc({ ...labels, outcome });
    if (outcome === 'retried') this.retries.inc({ ...labels });
  }

  private beginAtZero(): void {
    for (const queue of KNOWN_QUEUES) {
      this.stalls.inc({ queue }, 0);
      this.newerOnes.inc({ queue }, 0);
    }
    for (const labels of ALL_JOB_LABELS) {
      for (const outcome of OUTCOMES) this.processed.inc({ ...labels, outcome }, 0);
      this.retries.inc({ ...labels }, 0);
    }
  }
}
