import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../../logging/logger';
import { JobMetrics } from '../../monitoring/metrics/job-metrics';
import { CustomerRefused } from '../customer-refused';
import { NewerJobs } from '../../queue/newer-jobs';
import { CUSTOMER_JOB_VERSIONS, type Origin } from '../jobs/customer.jobs';
import type { StoredJob } from './customer-job';

/** `waiting`: the job comes back when its turn is, and used up no attempt. */
export type Ending = 'completed' | 'waiting' | 'refused' | 'retried' | 'failed';

/** Tells operators of each attempt: a line in the log, and the metrics. */
@Injectable()
export class AttemptReports {
  /** Jobs that this build must not touch. */
  readonly newer: NewerJobs;

  constructor(
    private readonly metrics: JobMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.newer = new NewerJobs(CUSTOMER_JOB_VERSIONS, metrics, logger);
  }

  /** @param durationMs undefined where the attempt did not run in this process */
  ended(job: StoredJob, ending: Ending, durationMs: number | undefined, error?: Error): void {
    this.count(job, ending, durationMs);
    this.log(job, ending, durationMs ?? 0, error);
  }

  /** The queue keeps a dead letter itself. */
  notRemembered(job: StoredJob, fault: unknown): void {
    this.logger.warn({ err: fault, jobId: job.id }, 'A dead letter is not in the history');
  }

  private count(job: StoredJob, ending: Ending, durationMs: number | undefined): void {
    if (durationMs === undefined) {
      this.metrics.lost(job);
      return;
    }
    this.metrics.began(job);
    if (ending !== 'waiting') this.metrics.ended(job, ending === 'failed' ? 'dead' : ending, durationMs);
  }

  /** A driver's message may quote what was written, so it is for `debug` only. */
  private log(job: StoredJob, ending: Ending, durationMs: number, error?: Error): void {
    const { tenantId, requestId } = (job.data ?? {}) as Partial<Origin>;
    const details = {
      job: job.name,
      jobId: job.id,
      tenantId,
      requestId,
      attempt: job.attemptsMade + 1,
      durationMs: Math.round(durationMs * 10) / 10,
      outcome: ending,
      ...(error && { error: error instanceof CustomerRefused ? error.reason : error.name }),
    };
    if (ending === 'failed') this.logger.error(details, 'job');
    else if (ending === 'retried') this.logger.warn(details, 'job');
    else this.logger.info(details, 'job');
    if (error) this.logger.debug({ jobId: job.id, err: error }, 'job error');
  }
}
