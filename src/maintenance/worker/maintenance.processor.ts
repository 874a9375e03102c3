import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Inject, type OnApplicationBootstrap } from '@nestjs/common';
import { type Job, WaitingError } from 'bullmq';
import { Environment } from '../../config/environment';
import { LOGGER, type Logger } from '../../logging/logger';
import { WorkerPulse } from '../../monitoring/worker-pulse';
import { stopWorker } from '../../queue/stop-worker';
import { WORKER_OPTIONS } from '../../queue/worker-options';
import type { Stoppable } from '../../queue/worker-stop';
import { MAINTENANCE_QUEUE, type MaintenanceResult } from '../maintenance.jobs';
import { MaintenanceRuns } from './maintenance-runs';

/** Runs planned work, one at a time, beside that of customers. A job that kills its worker three times is a dead letter. */
@Processor(MAINTENANCE_QUEUE, { ...WORKER_OPTIONS, autorun: false, concurrency: 1, maxStalledCount: 3 })
export class MaintenanceProcessor extends WorkerHost implements OnApplicationBootstrap, Stoppable {
  private readonly stopping = new AbortController();
  private readonly active = new Set<Job>();

  constructor(
    private readonly runs: MaintenanceRuns,
    private readonly pulse: WorkerPulse,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    super();
  }

  onApplicationBootstrap(): void {
    this.worker.on('error', (error) => {
      this.logger.warn({ error: String(error) }, 'The queue did not take what the worker told it');
    });
    this.worker.on('failed', (job, error) => {
      this.logger.error({ job: job?.name, jobId: job?.id, error: error.name, outcome: 'failed' }, 'job');
      this.logger.debug({ jobId: job?.id, err: error }, 'job error');
    });
    this.start().catch((error: unknown) => {
      if (this.stopping.signal.aborted) this.logger.debug({ err: error }, 'Worker stopped while starting');
      else this.logger.fatal({ err: error }, 'Worker stopped taking jobs');
    });
  }

  private async start(): Promise<void> {
    await this.runs.possible;
    if (!this.stopping.signal.aborted) await this.worker.run();
  }

  /** What is left of a job after its step, another worker does. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await stopWorker(this.worker, this.environment.shutdownTimeoutMs, async () => {
      await Promise.all([...this.active].map((job) => this.handBack(job)));
    });
  }

  async process(job: Job): Promise<MaintenanceResult> {
    const name = await this.runs.nameOf(job);
    const startedAt = performance.now();
    this.active.add(job);
    this.pulse.began();
    try {
      const result = await this.runs.run(name, job, this.stopping.signal);
      const durationMs = Math.round(performance.now() - startedAt);
      this.logger.info({ job: name, jobId: job.id, durationMs, outcome: 'completed', ...result }, 'job');
      return result;
    } catch (error) {
      if (!this.stopping.signal.aborted) throw error;
      this.logger.debug({ err: error, jobId: job.id }, 'A job is handed back');
      await this.handBack(job);
      throw new WaitingError();
    } finally {
      this.active.delete(job);
      this.pulse.ended();
    }
  }

  /** Once: from then on it may be another worker's. */
  private async handBack(job: Job): Promise<void> {
    if (this.active.delete(job)) await job.moveToWait(job.token);
  }
}
