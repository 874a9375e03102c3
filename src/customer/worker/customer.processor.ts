import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Inject, type OnApplicationBootstrap } from '@nestjs/common';
import { Environment } from '../../config/environment';
import { LOGGER, type Logger } from '../../logging/logger';
import { Readiness } from '../../monitoring/readiness';
import { WorkerPulse } from '../../monitoring/worker-pulse';
import { stopWorker } from '../../queue/stop-worker';
import { WORKER_OPTIONS } from '../../queue/worker-options';
import type { Stoppable } from '../../queue/worker-stop';
import { CUSTOMER_QUEUE, type Outcome } from '../jobs/customer.jobs';
import type { StoredJob } from './customer-job';
import { CustomerIndexes } from './customer-indexes';
import { JobAttempts } from './job-attempts';

/** Takes jobs off the queue, and tells it what came of each. */
@Processor(CUSTOMER_QUEUE, {
  ...WORKER_OPTIONS,
  autorun: false,
  // Far beyond what crash isolation allows: the queue itself can't tell a killer from those that died with it.
  maxStalledCount: 30,
})
export class CustomerProcessor extends WorkerHost implements OnApplicationBootstrap, Stoppable {
  private readonly stopping = new AbortController();
  private readonly attempted = new WeakSet<StoredJob>();
  private readonly active = new Set<StoredJob>();

  constructor(
    private readonly attempts: JobAttempts,
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
      this.logger.warn({ error: String(error) }, 'The queue did not take what the worker told it');
    });
    this.worker.on('failed', (job: StoredJob | undefined, error) => {
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

  /** Takes no more jobs and finishes those it has, before their database goes; what is not done in time is handed back. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await stopWorker(this.worker, this.environment.shutdownTimeoutMs, () => this.handBack());
  }

  async process(job: StoredJob): Promise<Outcome> {
    this.attempted.add(job);
    this.active.add(job);
    this.pulse.began();
    try {
      return await this.attempts.run(job, this.stopping.signal);
    } finally {
      this.active.delete(job);
      this.pulse.ended();
    }
  }

  /** The queue gave a job up without another attempt: its worker died or hung too often. */
  private reportLost(job: StoredJob, error: Error): void {
    this.attempts.lost(job, error).catch((fault: unknown) => {
      this.logger.error({ err: fault, jobId: job.id }, 'A job that was given up could not be reported');
    });
  }

  private async handBack(): Promise<void> {
    const handed = await Promise.allSettled([...this.active].map((job) => this.attempts.handBack(job)));
    const lost = handed.filter(({ status }) => status === 'rejected').length;
    this.logger.warn(
      { handedBack: handed.length - lost, lost },
      "Jobs were not done in time; those whose lock is lost are somebody else's by now",
    );
  }
}
