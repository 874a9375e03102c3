import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { MongoConnector } from '../../mongo/mongo-connector';
import { Visit } from '../customer-stats.repository';
import { CustomerRecord } from '../customer.schema';

/** The indexes that the rules of the data rely on: no write happens before they are there. */
@Injectable()
export class CustomerIndexes {
  constructor(
    private readonly mongo: MongoConnector,
    @InjectModel(CustomerRecord.name) private readonly customers: Model<CustomerRecord>,
    @InjectModel(Visit.name) private readonly visits: Model<Visit>,
  ) {}

  /** Resolves when MongoDB is connected and has them. Collections too: a transaction can't make one everywhere. */
  async ensure(): Promise<void> {
    await this.mongo.opened;
    await Promise.all([this.customers.createCollection(), this.visits.createCollection()]);
    await this.customers.createIndexes();
  }
}
