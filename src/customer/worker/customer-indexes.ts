import { setTimeout } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { LOGGER, type Logger } from '../../logging/logger';
import { MongoConnector } from '../../mongo/mongo-connector';
import { Visit } from '../visit.schema';
import { CustomerRecord } from '../customer.schema';
import { LoggedChanges } from '../import/undo/change-log.schema';
import { EndedJob } from '../job-history/ended-job.schema';

const RETRY_DELAY_MS = 1_000;

/** The indexes that the rules of the data rely on: no write happens before they are there. */
@Injectable()
export class CustomerIndexes {
  constructor(
    private readonly mongo: MongoConnector,
    @InjectModel(CustomerRecord.name) private readonly customers: Model<CustomerRecord>,
    @InjectModel(Visit.name) private readonly visits: Model<Visit>,
    @InjectModel(EndedJob.name) private readonly endedJobs: Model<EndedJob>,
    @InjectModel(LoggedChanges.name) private readonly importChanges: Model<LoggedChanges>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Resolves when MongoDB is connected and has them, however often the connection is cut meanwhile. */
  async ensure(stopping: AbortSignal): Promise<void> {
    await this.mongo.opened;
    while (!stopping.aborted) {
      try {
        await this.create();
        return;
      } catch (error) {
        this.logger.warn(
          { error: error instanceof Error ? error.name : 'unknown' },
          'Indexes could not be made, trying again',
        );
        await setTimeout(RETRY_DELAY_MS, undefined, { signal: stopping, ref: false }).catch(() => undefined);
      }
    }
  }

  /** Collections too, so that they are there for whoever looks. */
  private async create(): Promise<void> {
    await Promise.all([this.customers.createCollection(), this.visits.createCollection()]);
    const models = [this.customers, this.endedJobs, this.importChanges];
    await Promise.all(models.map((model) => model.createIndexes()));
  }
}
