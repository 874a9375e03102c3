import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { collectionOf } from '../customer.schema';
import { EndedJob } from '../job-history/ended-job.schema';
import type { CustomerJobName } from '../jobs/customer.jobs';
import { Visit } from '../visit.schema';
import type { ErasedPerson } from './erased-person';

/** What is kept of the jobs: that somebody asked for a deletion. */
const KEPT: CustomerJobName = 'DELETE_CUSTOMER';

/** What MongoDB has of a customer beside itself: its visits, and how its jobs ended. */
@Injectable()
export class ErasedHistory {
  private readonly visits: mongo.Collection<Visit>;
  private readonly jobs: mongo.Collection<EndedJob>;

  constructor(
    @InjectModel(Visit.name) visits: Model<Visit>,
    @InjectModel(EndedJob.name) jobs: Model<EndedJob>,
  ) {
    this.visits = collectionOf(visits);
    this.jobs = collectionOf(jobs);
  }

  async remove({ tenantId, customerId }: ErasedPerson): Promise<void> {
    // ";" is what follows ":", so this is the range of the customer's ids.
    await this.visits.deleteMany({ _id: { $gte: `${customerId}:`, $lt: `${customerId};` }, tenantId });
    await this.jobs.deleteMany({ customerId, tenantId, type: { $ne: KEPT } });
  }
}
