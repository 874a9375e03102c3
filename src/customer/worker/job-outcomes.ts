import { Inject, Injectable } from '@nestjs/common';
import { InjectQueue } from '@nestjs/bullmq';
import { DelayedError, UnrecoverableError, type Job, type Queue } from 'bullmq';
import { LOGGER, type Logger } from '../../logging/logger';
import { AcceptanceOrder } from '../../queue/acceptance-order';
import { CustomerRefused } from '../customer-refused';
import { CustomerNotYet } from '../customer.repository';
import { ImportProgress } from '../import/import-progress';
import { JobHistory } from '../job-history/job-history';
import { endedJob, type JobEnd } from '../job-history/job-end';
import { CUSTOMER_QUEUE, type CustomerJobName, type Origin, type Payload } from '../jobs/customer.jobs';
import { CustomerAnnouncer } from './customer-announcer';

type Outcome = 'completed' | 'waiting' | 'refused' | 'retried' | 'failed';

/** Longest pause between two looks for a create that is late. */
const MAX_WAIT_MS = 30_000;

const waitFor = (dueAtMs: number, looks: number): number =>
  Math.max(dueAtMs - Date.now(), Math.min(MAX_WAIT_MS, 125 * 2 ** looks));

/** The one place that turns the end of an attempt into what the queue, the subscribers and the log see. */
@Injectable()
export class JobOutcomes {
  constructor(
    private readonly announcer: CustomerAnnouncer,
    private readonly imports: ImportProgress,
    private readonly order: AcceptanceOrder,
    private readonly history: JobHistory,
    @InjectQueue(CUSTOMER_QUEUE) private readonly queue: Queue<Origin>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async completed(job: Job<Payload<CustomerJobName>>, result: object, durationMs: number): Promise<void> {
    await this.remember(job, { result });
    await this.order.release(job.id ?? '');
    this.log(job, 'completed', durationMs);
  }

  /** @returns what the queue must be told: a refusal or a poisoned job is not retried */
  async failed(job: Job<Payload<CustomerJobName>>, thrown: unknown, durationMs: number): Promise<Error> {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const last = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    const create = error instanceof CustomerNotYet ? await this.createOf(job, error.customerId) : undefined;
    if (create?.isToCome) {
      await job.moveToDelayed(Date.now() + waitFor(create.dueAtMs, job.attemptsStarted), job.token);
      this.log(job, 'waiting', durationMs, error);
      return new DelayedError();
    }
    const hopeless = error instanceof CustomerNotYet && (last || !create);
    const refusal = hopeless ? new CustomerRefused('CUSTOMER_NOT_FOUND') : error;
    if (refusal instanceof CustomerRefused) {
      await this.report(job, refusal.message, 'refused');
      const { reason, message } = refusal;
      await this.remember(job, { refused: { reason, message: message.slice(reason.length + 2) } });
      this.log(job, 'refused', durationMs, refusal);
      return new UnrecoverableError(refusal.message);
    }
    if (!last && !(error instanceof UnrecoverableError)) {
      this.log(job, 'retried', durationMs, error);
      return error;
    }
    await this.report(job, 'The service failed; an operator can retry the job.', 'failed');
    await this.remember(job, 'dead');
    this.log(job, 'failed', durationMs, error);
    return error;
  }

  /**
   * The job that creates a customer has its id: while it is to come, a write to the customer waits for it, however long
   * that takes and without using up attempts. undefined when there is none, or it failed.
   */
  private async createOf({ data }: Job<Payload<CustomerJobName>>, customerId: string) {
    const create = await this.queue.getJob(customerId);
    if (create?.data.tenantId !== data.tenantId) return undefined;
    const state = await create.getState();
    if (state === 'failed') return undefined;
    return { isToCome: state !== 'completed', dueAtMs: create.timestamp + (create.opts.delay ?? 0) };
  }

  /** An import has a record of its own, its chunks are nobody's jobs. */
  private async remember(job: Job<Payload<CustomerJobName>>, end: JobEnd): Promise<void> {
    if (!('importId' in job.data)) await this.history.record(endedJob(job, end));
  }

  private async report(
    job: Job<Payload<CustomerJobName>>,
    reason: string,
    outcome: 'refused' | 'failed',
  ): Promise<void> {
    const name = job.name as CustomerJobName;
    const payload = job.data;
    if ('importId' in payload) await this.imports.chunkFailed(payload, reason);
    else if ('customerId' in payload) await this.announcer[outcome](name, job.id ?? '', payload, reason);
  }

  /** A driver's message may quote what was written, so it is for `debug` only. */
  private log(job: Job<Payload<CustomerJobName>>, outcome: Outcome, durationMs: number, error?: Error): void {
    const { tenantId, requestId } = job.data;
    const details = {
      job: job.name,
      jobId: job.id,
      tenantId,
      requestId,
      attempt: job.attemptsMade + 1,
      durationMs: Math.round(durationMs * 10) / 10,
      outcome,
      ...(error && { error: error instanceof CustomerRefused ? error.reason : error.name }),
    };
    if (outcome === 'failed') this.logger.error(details, 'job');
    else if (outcome === 'retried') this.logger.warn(details, 'job');
    else this.logger.info(details, 'job');
    if (error) this.logger.debug({ jobId: job.id, err: error }, 'job error');
  }
}
