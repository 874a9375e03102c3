import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { Environment } from '../../config/environment';
import { readLimits } from '../../mongo/read-limits';
import { collectionOf } from '../customer.schema';
import { EndedJob } from './ended-job.schema';

/** What operators look for; all that is given must be so. */
export interface PastJobsWish {
  jobId?: string | undefined;
  customerId?: string | undefined;
  requestId?: string | undefined;
  tenantId?: string | undefined;
  type?: string | undefined;
  status?: EndedJob['status'] | undefined;
}

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

  /** Of all tenants, newest first. @throws when MongoDB does not answer in time */
  search({ jobId, ...wish }: PastJobsWish, limit: number): Promise<EndedJob[]> {
    const asked = { _id: jobId, ...wish };
    const fields = ['_id', 'customerId', 'requestId', 'tenantId', 'type', 'status'] as const;
    const filter = Object.fromEntries(
      fields.flatMap((field) => (asked[field] === undefined ? [] : [[field, asked[field]]])),
    );
    return this.jobs
      .find({ ...filter, expiresAt: { $gt: new Date() } }, readLimits(this.environment.mongo.timeoutMs))
      .sort({ queuedAt: -1 })
      .limit(limit)
      .toArray();
  }
}
