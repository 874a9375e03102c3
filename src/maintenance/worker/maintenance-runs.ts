import { Inject, Injectable } from '@nestjs/common';
import { type Job, UnrecoverableError } from 'bullmq';
import { CustomerIndexes } from '../../customer/worker/customer-indexes';
import { LOGGER, type Logger } from '../../logging/logger';
import { MongoConnector } from '../../mongo/mongo-connector';
import { JobMetrics } from '../../monitoring/metrics/job-metrics';
import { NewerJobs } from '../../queue/newer-jobs';
import {
  MAINTENANCE_JOB_VERSIONS,
  type MaintenanceJobName,
  type MaintenanceResult,
} from '../maintenance.jobs';
import { MAINTENANCE_HANDLERS, type MaintenanceHandlers } from './maintenance-handler';

/** Runs planned work by its one handler. */
@Injectable()
export class MaintenanceRuns {
  private readonly newer: NewerJobs;

  constructor(
    @Inject(MAINTENANCE_HANDLERS) private readonly handlers: MaintenanceHandlers,
    private readonly mongo: MongoConnector,
    private readonly indexes: CustomerIndexes,
    metrics: JobMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.newer = new NewerJobs(MAINTENANCE_JOB_VERSIONS, metrics, logger);
  }

  /**
   * The name of a job that this build has a handler for.
   * @throws DelayedError for a job of a newer version, UnrecoverableError for a name that no handler has
   */
  async nameOf(job: Job): Promise<MaintenanceJobName> {
    if (this.newer.has(job)) throw await this.newer.handBack(job);
    if (!isKnown(this.handlers, job.name)) throw new UnrecoverableError(`No handler for job ${job.name}`);
    return job.name;
  }

  /** While MongoDB is away the job is held: that is no fault of it, and uses up no attempt. */
  async run(name: MaintenanceJobName, job: Job, stopping: AbortSignal): Promise<MaintenanceResult> {
    for (;;) {
      try {
        return await this.handlers[name].handle(stopping);
      } catch (error) {
        if (stopping.aborted || !(await this.mongo.isAway())) throw error;
        this.logger.warn({ jobId: job.id }, 'MongoDB is away, the job waits');
        await this.mongo.back(stopping);
      }
    }
  }

  /** Settles when MongoDB was reached and has its indexes: without them, a run would read whole collections. */
  get possible(): Promise<unknown> {
    return this.indexes.there;
  }
}

const isKnown = (handlers: MaintenanceHandlers, name: string): name is MaintenanceJobName =>
  Object.hasOwn(handlers, name);
