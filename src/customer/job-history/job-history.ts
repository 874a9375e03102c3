import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { Environment } from '../../config/environment';
import { Batches } from '../../mongo/batches';
import { collectionOf } from '../customer.schema';
import { upsert } from '../duplicate-key';
import { EndedJob } from './ended-job.schema';
import type { JobHistoryEntry } from './job-end';

/** Remembers how jobs ended, for longer than the queue does. */
@Injectable()
export class JobHistory {
  private readonly jobs: mongo.Collection<EndedJob>;
  private readonly batches = new Batches<JobHistoryEntry, undefined>(async (_key, entries) => {
    await this.write(entries);
    return [];
  });

  constructor(
    @InjectModel(EndedJob.name) model: Model<EndedJob>,
    private readonly environment: Environment,
  ) {
    this.jobs = collectionOf(model);
  }

  /**
   * Resolves when it is written, and may be repeated. Called before the queue ends the job: an end that is not
   * remembered is none.
   * @throws what MongoDB failed with; all that were written together fail together
   */
  record(entry: JobHistoryEntry): Promise<void> {
    return this.batches.add('', entry);
  }

  private async write(entries: JobHistoryEntry[]): Promise<void> {
    const { jobHistoryMs } = this.environment;
    // Of twins, the later one stays.
    const ended = [...new Map(entries.map((entry) => [entry._id, entry])).values()];
    const upserts = ended.map((entry) => ({
      replaceOne: {
        filter: { _id: entry._id, tenantId: entry.tenantId },
        replacement: { ...entry, expiresAt: new Date(entry.finishedAt.getTime() + jobHistoryMs) },
        upsert: true,
      },
    }));
    await upsert(() => this.jobs.bulkWrite(upserts, { ordered: false }));
  }
}
