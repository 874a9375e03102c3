import { Prop, Schema, SchemaFactory, InjectConnection, InjectModel } from '@nestjs/mongoose';
import { Injectable } from '@nestjs/common';
import type { Connection, Model, mongo } from 'mongoose';
import { CustomerRefused } from './customer-refused';
import { CustomerNotYet } from './customer.repository';
import { collectionOf, CustomerRecord } from './customer.schema';
import { isDuplicateKey } from './duplicate-key';

/** One visit that was counted. Its id is what makes it count once, so it is kept as long as the customer. */
@Schema({
  collection: 'customer_stats_events',
  versionKey: false,
  bufferCommands: false,
  autoIndex: false,
  autoCreate: false,
})
export class StatsEvent {
  /** `customerId:eventId` */
  @Prop({ type: String, required: true }) _id: string;
  @Prop({ type: String, required: true }) tenantId: string;
  @Prop({ type: Number, required: true }) spentCents: number;
  @Prop({ type: Number, required: true }) visits: number;
  @Prop({ type: Date, required: true }) at: Date;
}

export const StatsEventSchema = SchemaFactory.createForClass(StatsEvent);

@Injectable()
export class CustomerStatsRepository {
  private readonly customers: mongo.Collection<CustomerRecord>;
  private readonly events: mongo.Collection<StatsEvent>;

  constructor(
    @InjectConnection() private readonly connection: Connection,
    @InjectModel(CustomerRecord.name) customers: Model<CustomerRecord>,
    @InjectModel(StatsEvent.name) events: Model<StatsEvent>,
  ) {
    this.customers = collectionOf(customers);
    this.events = collectionOf(events);
  }

  /**
   * Adds a visit to a customer's totals, once per event id. Two documents change together, so it is a transaction;
   * collisions on a busy customer are tried again by the driver.
   * @returns the customer's email
   * @throws CustomerRefused CUSTOMER_NOT_FOUND when it was deleted
   * @throws CustomerNotYet
   */
  async count(customerId: string, eventId: string, event: Omit<StatsEvent, '_id'>): Promise<string> {
    const id = `${customerId}:${eventId}`;
    try {
      return await this.connection.withSession((session) =>
        session.withTransaction(async () => {
          await this.events.insertOne({ _id: id, ...event }, { session });
          const customer = await this.customers.findOneAndUpdate(
            { _id: customerId, tenantId: event.tenantId },
            {
              $inc: { 'stats.spendCents': event.spentCents, 'stats.visits': event.visits, revision: 1 },
              $max: { 'stats.lastVisit': event.at },
              $set: { updatedAt: new Date() },
            },
            { session, projection: { email: 1, deletedAt: 1 } },
          );
          if (!customer) throw new CustomerNotYet(customerId);
          if (customer.deletedAt) throw new CustomerRefused('CUSTOMER_NOT_FOUND');
          return customer.email;
        }),
      );
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return this.emailOf(event.tenantId, customerId);
    }
  }

  private async emailOf(tenantId: string, customerId: string): Promise<string> {
    const customer = await this.customers.findOne(
      { _id: customerId, tenantId },
      { projection: { email: 1 } },
    );
    return customer?.email ?? '';
  }
}
