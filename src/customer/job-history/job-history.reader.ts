import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { Environment } from '../../config/environment';
import { readLimits } from '../../mongo/read-limits';
import { collectionOf } from '../customer.schema';
import { EndedJob } from './ended-job.schema';

/** Jobs that the queue may have removed. */
@Injectable()
export class JobHistoryReader {
  private readonly jobs: mongo.Collection<EndedJob>;

  constructor(
    @InjectModel(EndedJob.name) model: Model<EndedJob>,
    private readonly environment: Environment,
  ) {
    this.jobs = collectionOf(model);
  }

  /** @returns null also for another tenant's job. @throws when MongoDB does not answer in time */
  find(tenantId: string, jobId: string): Promise<EndedJob | null> {
    // MongoDB removes what is over once a minute.
    const ours = { _id: jobId, tenantId, expiresAt: { $gt: new Date() } };
    return this.jobs.findOne(ours, readLimits(this.environment.mongo.timeoutMs));
  }
}
