import { InjectConnection, InjectModel, Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Injectable } from '@nestjs/common';
import type { Connection, Model, mongo } from 'mongoose';
import { CustomerRefused } from './customer-refused';
import { CustomerNotYet } from './customer.repository';
import { collectionOf, CustomerRecord } from './customer.schema';
import { isDuplicateKey } from './duplicate-key';

/** A visit that was counted. Its id is what makes it count once, so it is kept for good. */
@Schema({
  collection: 'customer_visits',
  versionKey: false,
  bufferCommands: false,
  autoIndex: false,
  autoCreate: false,
})
export class Visit {
  /** `customerId:eventId` */
  @Prop({ type: String, required: true }) _id: string;
  @Prop({ type: String, required: true }) tenantId: string;
  @Prop({ type: Number, required: true }) spentCents: number;
  @Prop({ type: Number, required: true }) visits: number;
  @Prop({ type: Date, required: true }) at: Date;
  /** Its place in the order of acceptance. */
  @Prop({ type: Number, required: true }) order: number;
}

export const VisitSchema = SchemaFactory.createForClass(Visit);

export type VisitTotals = Pick<Visit, 'spentCents' | 'visits' | 'at'>;

@Injectable()
export class CustomerStatsRepository {
  private readonly customers: mongo.Collection<CustomerRecord>;
  private readonly visits: mongo.Collection<Visit>;

  constructor(
    @InjectConnection() private readonly connection: Connection,
    @InjectModel(CustomerRecord.name) customers: Model<CustomerRecord>,
    @InjectModel(Visit.name) visits: Model<Visit>,
  ) {
    this.customers = collectionOf(customers);
    this.visits = collectionOf(visits);
  }

  /**
   * Adds a visit to a customer's totals, once per event id; totals that an import set later contain it already. Two
   * documents change together, so it is a transaction; collisions on a busy customer are tried again by the driver.
   * @returns the customer's email
   * @throws CustomerRefused CUSTOMER_NOT_FOUND when it was deleted before
   * @throws CustomerNotYet
   */
  async count(customerId: string, eventId: string, visit: Omit<Visit, '_id'>): Promise<string> {
    try {
      return await this.connection.withSession((session) =>
        session.withTransaction(async () => {
          await this.visits.insertOne({ _id: `${customerId}:${eventId}`, ...visit }, { session });
          const customer = await this.customers.findOneAndUpdate(
            { _id: customerId, tenantId: visit.tenantId },
            [{ $set: added(visit) }],
            { session, projection: { email: 1, deletedOrder: 1 } },
          );
          if (!customer) throw new CustomerNotYet(customerId);
          if (visit.order > (customer.deletedOrder ?? Infinity))
            throw new CustomerRefused('CUSTOMER_NOT_FOUND');
          return customer.email;
        }),
      );
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return this.emailOf(visit.tenantId, customerId);
    }
  }

  /** The sum of a customer's visits that were accepted after `order`: what an import's totals do not contain. */
  async laterThan(customerId: string, order: number): Promise<VisitTotals | undefined> {
    const [sum] = await this.visits
      .aggregate<VisitTotals>([
        // ";" is what follows ":", so this is the range of the customer's ids.
        { $match: { _id: { $gte: `${customerId}:`, $lt: `${customerId};` }, order: { $gt: order } } },
        {
          $group: {
            _id: null,
            spentCents: { $sum: '$spentCents' },
            visits: { $sum: '$visits' },
            at: { $max: '$at' },
          },
        },
      ])
      .toArray();
    return sum;
  }

  private async emailOf(tenantId: string, customerId: string): Promise<string> {
    const customer = await this.customers.findOne(
      { _id: customerId, tenantId },
      { projection: { email: 1 } },
    );
    // Counted for another tenant's customer: to this one there is none.
    if (!customer) throw new CustomerNotYet(customerId);
    return customer.email;
  }
}

/** The totals with one visit more, each where no later import set it. */
function added({ spentCents, visits, at, order }: Omit<Visit, '_id'>) {
  const unlessSetLater = (path: string, field: string, value: unknown) => ({
    $cond: [{ $gt: [order, { $ifNull: [`$fieldOrders.${path}`, 0] }] }, value, field],
  });
  return {
    'stats.spendCents': unlessSetLater('totalSpend', '$stats.spendCents', {
      $add: ['$stats.spendCents', spentCents],
    }),
    'stats.visits': unlessSetLater('visits', '$stats.visits', { $add: ['$stats.visits', visits] }),
    'stats.lastVisit': unlessSetLater('lastVisit', '$stats.lastVisit', { $max: ['$stats.lastVisit', at] }),
    'stats.visitOrder': { $max: ['$stats.visitOrder', order] },
    revision: { $add: ['$revision', 1] },
    updatedAt: '$$NOW',
  };
}
