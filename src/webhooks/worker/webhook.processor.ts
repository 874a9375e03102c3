import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Inject, type OnApplicationBootstrap } from '@nestjs/common';
import { WaitingError } from 'bullmq';
import { Environment } from '../../config/environment';
import { LOGGER, type Logger } from '../../logging/logger';
import { JobMetrics } from '../../monitoring/metrics/job-metrics';
import { countAttempts, countStalls } from '../../monitoring/metrics/watch-worker';
import { NewerJobs } from '../../queue/newer-jobs';
import { RedisFitness } from '../../queue/redis-fitness';
import { stopWorker } from '../../queue/stop-worker';
import { WORKER_OPTIONS } from '../../queue/worker-options';
import type { Stoppable } from '../../queue/worker-stop';
import { DEFAULT_RETRY_DELAYS, retryDelayMs } from '../retry-delays';
import { type DeliveryOutcome, WEBHOOK_JOB_VERSIONS, WEBHOOK_QUEUE } from '../webhook-jobs';
import { DeliveryFailed } from './delivery-failed';
import { isDelivery, type StoredDelivery } from './delivery-job';
import { DeliveryRunner } from './delivery-runner';

/** Short: a receiver that takes long keeps no process from its stop, and what is cut off is sent again. */
const GRACE_MS = 1_000;

/** Takes deliveries off the queue, many at once, and tells it what came of each. */
@Processor(WEBHOOK_QUEUE, { ...WORKER_OPTIONS, autorun: false, maxStalledCount: 10 })
export class WebhookProcessor extends WorkerHost implements OnApplicationBootstrap, Stoppable {
  private readonly stopping = new AbortController();
  private readonly cutOff = new AbortController();
  private readonly attempted = new WeakSet<StoredDelivery>();
  private readonly active = new Set<StoredDelivery>();
  private readonly newer: NewerJobs;

  constructor(
    private readonly runner: DeliveryRunner,
    private readonly fitness: RedisFitness,
    private readonly metrics: JobMetrics,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    super();
    this.newer = new NewerJobs(WEBHOOK_JOB_VERSIONS, metrics, logger);
  }

  onApplicationBootstrap(): void {
    this.worker.concurrency = this.environment.webhooks.atOnce;
    this.worker.opts.settings = { backoffStrategy };
    countAttempts(this.worker, this.metrics);
    countStalls(this.worker, this.metrics);
    this.worker.on('error', (error) => {
      this.logger.warn({ error: String(error) }, 'The queue did not take what the worker told it');
    });
    this.worker.on('failed', (job: StoredDelivery | undefined) => {
      if (job && !this.attempted.has(job)) this.reportLost(job);
    });
    this.start().catch((error: unknown) => {
      if (this.stopping.signal.aborted) this.logger.debug({ err: error }, 'Worker stopped while starting');
      else this.logger.fatal({ err: error }, 'Worker stopped taking deliveries');
    });
  }

  private async start(): Promise<void> {
    await this.fitness.fit;
    if (this.stopping.signal.aborted) return;
    await this.worker.run();
  }

  /** Takes no more and waits a moment for answers; what has none by then is handed back, and cut off. */
  async stop(): Promise<void> {
    this.stopping.abort();
    const graceMs = Math.min(GRACE_MS, this.environment.shutdownTimeoutMs);
    await stopWorker(this.worker, graceMs, () => this.handBack());
    this.cutOff.abort();
  }

  async process(job: StoredDelivery): Promise<DeliveryOutcome> {
    this.attempted.add(job);
    if (this.newer.has(job)) throw await this.newer.handBack(job);
    this.active.add(job);
    try {
      return await this.runner.run(job, this.cutOff.signal);
    } catch (error) {
      // Handed back: there is nothing to tell the queue of it.
      if (this.cutOff.signal.aborted) throw new WaitingError();
      throw error;
    } finally {
      this.active.delete(job);
    }
  }

  private reportLost(job: StoredDelivery): void {
    if (!isDelivery(job)) return;
    this.runner.lost(job).catch((fault: unknown) => {
      this.logger.error({ err: fault, jobId: job.id }, 'A delivery that was given up could not be reported');
    });
  }

  private async handBack(): Promise<void> {
    const handed = await Promise.allSettled([...this.active].map((job) => job.moveToWait(job.token)));
    const lost = handed.filter(({ status }) => status === 'rejected').length;
    this.logger.info(
      { handedBack: handed.length - lost, lost },
      'Deliveries without an answer were handed back',
    );
  }
}

/** @param tries that failed so far */
function backoffStrategy(tries: number, _type?: string, error?: Error): number {
  // A fault of ours, such as a Redis that was away, has no delay of its own.
  return error instanceof DeliveryFailed ? error.delayMs : retryDelayMs(DEFAULT_RETRY_DELAYS, tries);
}
