import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Inject, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { UnrecoverableError, type Job } from 'bullmq';
import { hostname } from 'node:os';
import { Environment } from '../../config/environment';
import { LOGGER, type Logger } from '../../logging/logger';
import { Readiness } from '../../monitoring/readiness';
import { WorkerPulse } from '../../monitoring/worker-pulse';
import { stopWorker } from '../../queue/stop-worker';
import { CUSTOMER_QUEUE, type CustomerJobName, type Payload, type Result } from '../jobs/customer.jobs';
import { CustomerIndexes } from './customer-indexes';
import { HANDLERS, type Handlers } from './handler';
import { JobOutcomes } from './job-outcomes';

/**
 * Short jobs, so a lock of 10 s and a look for stalled ones each 5 s: a killed worker's job is back within 15 s, and
 * survives more such deaths than a rolling update has.
 */
const WORKER_OPTIONS = {
  name: `${hostname()}:${process.pid}`,
  autorun: false,
  lockDuration: 10_000,
  stalledInterval: 5_000,
  maxStalledCount: 3,
  // Between two attempts to go on after an outage of Redis; BullMQ would wait for 15 s.
  runRetryDelay: 1_000,
  metrics: { maxDataPoints: 14 * 24 * 60 },
} as const;

/** Runs each job by its one handler. What it throws decides the retry. */
@Processor(CUSTOMER_QUEUE, WORKER_OPTIONS)
export class CustomerProcessor extends WorkerHost implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private readonly attempted = new WeakSet<Job<Payload<CustomerJobName>>>();

  constructor(
    @Inject(HANDLERS) private readonly handlers: Handlers,
    private readonly outcomes: JobOutcomes,
    private readonly indexes: CustomerIndexes,
    private readonly readiness: Readiness,
    private readonly pulse: WorkerPulse,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    super();
  }

  /** Takes the first job only when all that a handler needs is there, however long that takes. */
  onApplicationBootstrap(): void {
    this.worker.concurrency = this.environment.workerConcurrency;
    this.worker.on('error', (error) => {
      this.logger.warn({ error: String(error) }, 'Worker lost its queue, trying again');
    });
    this.worker.on('failed', (job: Job<Payload<CustomerJobName>> | undefined, error) => {
      if (job && !this.attempted.has(job)) this.reportLost(job, error);
    });
    this.start().catch((error: unknown) => {
      // Stopped before it began: what it waited for was closed under it.
      if (this.stopping.signal.aborted) this.logger.debug({ err: error }, 'Worker stopped while starting');
      else this.logger.fatal({ err: error }, 'Worker stopped taking jobs');
    });
  }

  private async start(): Promise<void> {
    await this.readiness.startup(this.indexes.ensure(this.stopping.signal));
    if (this.stopping.signal.aborted) return;
    this.pulse.running();
    await this.worker.run();
  }

  /** Takes no more jobs and finishes those it has, before their database goes; what is not done in time is redelivered. */
  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await stopWorker(this.worker, this.environment.shutdownTimeoutMs);
  }

  async process(job: Job<Payload<CustomerJobName>>): Promise<Result<CustomerJobName>> {
    this.attempted.add(job);
    this.pulse.began();
    const startedAt = performance.now();
    try {
      const result = await this.run(job);
      await this.outcomes.completed(job, performance.now() - startedAt);
      return result;
    } catch (error) {
      throw await this.outcomes.failed(job, error, performance.now() - startedAt);
    } finally {
      this.pulse.ended();
    }
  }

  /** The queue gave a job up without another attempt: its worker died or hung too often. */
  private reportLost(job: Job<Payload<CustomerJobName>>, error: Error): void {
    this.outcomes.failed(job, new UnrecoverableError(error.message), 0).catch((fault: unknown) => {
      this.logger.error({ err: fault, jobId: job.id }, 'A job that was given up could not be reported');
    });
  }

  private run(job: Job): Promise<Result<CustomerJobName>> {
    const { name } = job;
    if (!isKnown(this.handlers, name)) throw new UnrecoverableError(`No handler for job ${name}`);
    return this.handlers[name].handle(job.data as never, {
      jobId: job.id ?? '',
      delayMs: job.opts.delay ?? 0,
    });
  }
}

const isKnown = (handlers: Handlers, name: string): name is CustomerJobName => Object.hasOwn(handlers, name);
