import { Inject, Injectable } from '@nestjs/common';
import { WaitingError } from 'bullmq';
import { LOGGER, type Logger } from '../../logging/logger';
import { MongoConnector } from '../../mongo/mongo-connector';
import { CustomerRefused } from '../customer-refused';
import type { Outcome } from '../jobs/customer.jobs';
import { CrashIsolation } from './crash-isolation';
import { checkJob, type StoredJob } from './customer-job';
import { JobOutcomes } from './job-outcomes';
import { JobRuns } from './job-runs';
import { WriteAhead } from './job-turns';

/** One attempt at a job, from when it is taken to what the queue is told of it. */
@Injectable()
export class JobAttempts {
  constructor(
    private readonly isolation: CrashIsolation,
    private readonly runs: JobRuns,
    private readonly outcomes: JobOutcomes,
    private readonly mongo: MongoConnector,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * @param stopping hands a job back that waits for MongoDB
   * @returns what the queue keeps
   * @throws what decides the retry
   */
  async run(job: StoredJob, stopping: AbortSignal): Promise<Outcome> {
    if (this.outcomes.isForNewer(job)) throw await this.outcomes.leaveToNewer(job);
    const startedAt = performance.now();
    try {
      return await this.isolation.run(job, () => this.untilMongoIsThere(job, stopping, startedAt));
    } catch (error) {
      if (error instanceof WaitingError) throw error;
      const durationMs = performance.now() - startedAt;
      if (error instanceof WriteAhead) throw await this.outcomes.waiting(job, error, durationMs);
      throw await this.outcomes.faulted(job, error, durationMs);
    }
  }

  /** The queue gave the job up without another attempt. */
  async lost(job: StoredJob, error: Error): Promise<void> {
    await this.outcomes.died(job, error);
  }

  /**
   * While MongoDB is away the job is held, and its lock with it: that is no fault of the job and uses up no attempt,
   * however long it takes.
   */
  private async untilMongoIsThere(
    job: StoredJob,
    stopping: AbortSignal,
    startedAt: number,
  ): Promise<Outcome> {
    for (;;) {
      try {
        return await this.once(job, startedAt);
      } catch (error) {
        if (error instanceof WriteAhead || !(await this.mongo.isAway())) throw error;
        this.logger.warn({ jobId: job.id, error: nameOf(error) }, 'MongoDB is away, the job waits');
      }
      try {
        await this.mongo.back(stopping);
      } catch (error) {
        this.logger.debug({ err: error, jobId: job.id }, 'A job that waited for MongoDB is handed back');
        await this.handBack(job);
        throw new WaitingError();
      }
    }
  }

  private async once(stored: StoredJob, startedAt: number): Promise<Outcome> {
    const refused = this.outcomes.refusedBefore(stored, performance.now() - startedAt);
    if (refused) return refused;
    const job = checkJob(stored);
    try {
      const result = await this.runs.run(job);
      await this.outcomes.completed(job, result, performance.now() - startedAt);
      return result;
    } catch (error) {
      if (!(error instanceof CustomerRefused)) throw error;
      return await this.outcomes.refused(job, error, performance.now() - startedAt);
    }
  }

  /** The process stops before the job is done, in good order: another worker has it next. */
  async handBack(job: StoredJob): Promise<void> {
    await job.moveToWait(job.token);
    await this.isolation.acquit(job);
  }
}

/** A driver's message may quote what was written. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');
