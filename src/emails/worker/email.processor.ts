import { InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { UnrecoverableError, WaitingError, Worker, type Job, type Queue } from 'bullmq';
import { Environment } from '../../config/environment';
import { LOGGER, type Logger } from '../../logging/logger';
import { JobMetrics } from '../../monitoring/metrics/job-metrics';
import { countAttempts, countStalls } from '../../monitoring/metrics/watch-worker';
import { NewerJobs } from '../../queue/newer-jobs';
import { stopWorker } from '../../queue/stop-worker';
import { WORKER_OPTIONS } from '../../queue/worker-options';
import type { Stoppable } from '../../queue/worker-stop';
import {
  EMAIL_JOB_VERSIONS,
  EMAIL_QUEUE,
  isEmailEvent,
  SEND_EMAIL,
  type EmailMessage,
  type EmailResult,
} from '../email-jobs';
import { EmailDelivery } from './email-delivery';
import { EmailNotSent } from './email-not-sent';
import { MAX_CONNECTIONS } from './mail-server';

type EmailJob = Job<EmailMessage, EmailResult>;

const MINUTE_MS = 60_000;
/** E-mails under way may be finished when the process stops, but not at the cost of the writes that are, in ms. */
const DRAIN_MS = 3_000;

/** Takes e-mails off the queue, so many a minute over all workers; without a mail server it takes none. */
@Injectable()
export class EmailProcessor implements OnApplicationBootstrap, Stoppable {
  private readonly stopping = new AbortController();
  private readonly attempted = new WeakSet<EmailJob>();
  private readonly active = new Set<Promise<EmailResult>>();
  private readonly newer: NewerJobs;
  private worker: Worker<EmailMessage, EmailResult> | undefined;

  constructor(
    @InjectQueue(EMAIL_QUEUE) private readonly queue: Queue,
    private readonly delivery: EmailDelivery,
    private readonly metrics: JobMetrics,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.newer = new NewerJobs(EMAIL_JOB_VERSIONS, metrics, logger);
  }

  onApplicationBootstrap(): void {
    const { smtpUrl, perMinute } = this.environment.emails;
    if (smtpUrl === undefined) return;
    this.worker = new Worker<EmailMessage, EmailResult>(EMAIL_QUEUE, (job) => this.process(job), {
      ...this.queue.opts,
      ...WORKER_OPTIONS,
      concurrency: MAX_CONNECTIONS,
      maxStalledCount: 5,
      limiter: { max: perMinute, duration: MINUTE_MS },
    });
    countAttempts(this.worker, this.metrics);
    countStalls(this.worker, this.metrics);
    this.worker.on('error', (error) => {
      this.logger.warn({ error: String(error) }, 'The queue did not take what the worker told it');
    });
    this.worker.on('failed', (job, error) => {
      // Its workers died or hung too often.
      if (job && !this.attempted.has(job)) this.log(job, 'failed', 0, error);
    });
  }

  /** Takes no more e-mails; one that is not sent in time is let go, and handed back. */
  async stop(): Promise<void> {
    if (!this.worker) return;
    const drainMs = Math.min(DRAIN_MS, this.environment.shutdownTimeoutMs);
    await stopWorker(this.worker, drainMs, async () => {
      this.stopping.abort();
      await Promise.allSettled(this.active);
    });
  }

  private async process(job: EmailJob): Promise<EmailResult> {
    this.attempted.add(job);
    if (this.newer.has(job)) throw await this.newer.handBack(job);
    const attempt = this.attempt(job);
    this.active.add(attempt);
    try {
      return await attempt;
    } finally {
      this.active.delete(attempt);
    }
  }

  private async attempt(job: EmailJob): Promise<EmailResult> {
    const startedAt = performance.now();
    const durationMs = (): number => Math.round((performance.now() - startedAt) * 10) / 10;
    try {
      if (!isEmail(job)) throw new UnrecoverableError(`No e-mail can be made of job ${job.name}`);
      const result = await this.delivery.deliver(job, this.stopping.signal);
      this.log(job, result.recipients === 0 ? 'unwanted' : 'completed', durationMs());
      return result;
    } catch (error) {
      if (this.stopping.signal.aborted) {
        await job.moveToWait(job.token);
        throw new WaitingError();
      }
      throw this.faulted(job, error, durationMs());
    }
  }

  /** @returns what the queue must be told: an e-mail that is refused for good is not tried again */
  private faulted(job: EmailJob, thrown: unknown, durationMs: number): Error {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const isHopeless =
      error instanceof UnrecoverableError || (error instanceof EmailNotSent && error.isFinal);
    const isLast = isHopeless || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    this.log(job, isLast ? 'failed' : 'retried', durationMs, error);
    return isHopeless ? new UnrecoverableError(error.message) : error;
  }

  /** What a server says may name somebody, so it is for `debug` only. */
  private log(job: EmailJob, outcome: string, durationMs: number, error?: Error): void {
    const { tenantId, requestId } = (job.data as EmailMessage | null) ?? {};
    const { id: jobId, name, attemptsMade } = job;
    const about = { job: name, jobId, tenantId, requestId, attempt: attemptsMade + 1 };
    const code = error instanceof EmailNotSent ? error.code : error?.name;
    const details = { ...about, durationMs, outcome, ...(code !== undefined && { error: code }) };
    if (outcome === 'failed') this.logger.error(details, 'e-mail');
    else if (outcome === 'retried') this.logger.warn(details, 'e-mail');
    else this.logger.info(details, 'e-mail');
    if (error) this.logger.debug({ jobId, err: error }, 'e-mail error');
  }
}

/** What is stored may be of another version, or written by hand. */
const isEmail = ({ name, data }: EmailJob): boolean => {
  const { event, to } = (data as Partial<EmailMessage> | null) ?? {};
  return name === SEND_EMAIL && Array.isArray(to) && event !== undefined && isEmailEvent(event);
};
