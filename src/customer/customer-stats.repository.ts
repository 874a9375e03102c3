import { InjectConnection, InjectModel, Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Injectable } from '@nestjs/common';
import type { Connection, Model, mongo } from 'mongoose';
import { Batches } from '../mongo/batches';
import { CustomerRefused } from './customer-refused';
import { CustomerNotYet, TooManyCollisions } from './customer.repository';
import { collectionOf, CustomerRecord, type CustomerStats } from './customer.schema';
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

/** Rounds in which another worker counts one of the same visits, before the job is retried later. */
const MAX_COLLISIONS = 20;

@Injectable()
export class CustomerStatsRepository {
  private readonly customers: mongo.Collection<CustomerRecord>;
  private readonly visits: mongo.Collection<Visit>;
  /** By customer: the visits of a busy one would only get in each other's way. */
  private readonly batches = new Batches<Visit, CountedVisit>((customerId, visits) =>
    this.countAll(customerId, visits),
  );

  constructor(
    @InjectConnection() private readonly connection: Connection,
    @InjectModel(CustomerRecord.name) customers: Model<CustomerRecord>,
    @InjectModel(Visit.name) visits: Model<Visit>,
  ) {
    this.customers = collectionOf(customers);
    this.visits = collectionOf(visits);
  }

  /**
   * Adds a visit to a customer's totals, once per event id; totals that an import set later contain it already.
   * @returns the customer's email
   * @throws CustomerRefused CUSTOMER_NOT_FOUND when it was deleted before
   * @throws CustomerNotYet
   */
  async count(customerId: string, eventId: string, visit: Omit<Visit, '_id'>): Promise<string> {
    const counted = await this.batches.add(customerId, { _id: `${customerId}:${eventId}`, ...visit });
    if (counted === 'no customer') throw new CustomerNotYet(customerId);
    if (counted === 'deleted before') throw new CustomerRefused('CUSTOMER_NOT_FOUND');
    return counted.email;
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

  private async countAll(customerId: string, visits: Visit[]): Promise<CountedVisit[]> {
    for (let collisions = 0; collisions < MAX_COLLISIONS; collisions++) {
      try {
        return await this.connection.withSession((session) =>
          session.withTransaction(() => this.countIn(session, customerId, visits)),
        );
      } catch (error) {
        // Another worker has counted one of them meanwhile.
        if (!isDuplicateKey(error)) throw error;
      }
    }
    throw new TooManyCollisions(`The visits of customer ${customerId} are counted by too many jobs at once`);
  }

  /** A visit and the totals change together, in two documents: hence a transaction. */
  private async countIn(
    session: mongo.ClientSession,
    customerId: string,
    visits: Visit[],
  ): Promise<CountedVisit[]> {
    const ids = visits.map(({ _id }) => _id);
    const customer = await this.customers.findOne({ _id: customerId }, { session });
    const known = await this.visits
      .find({ _id: { $in: ids } }, { session, projection: { _id: 1 } })
      .map(({ _id }) => _id)
      .toArray();
    const results = visits.map((visit) => outcomeOf(visit, customer));
    const fresh = new Map(
      visits
        .filter(({ _id }, place) => !known.includes(_id) && typeof results[place] === 'object')
        .map((visit) => [visit._id, visit]),
    );
    if (!customer || fresh.size === 0) return results;
    await this.visits.insertMany([...fresh.values()], { session });
    await this.customers.updateOne(
      { _id: customerId },
      {
        $set: { stats: withVisits(customer, [...fresh.values()]), updatedAt: new Date() },
        $inc: { revision: 1 },
      },
      { session },
    );
    return results;
  }
}

type CountedVisit = { email: string } | 'no customer' | 'deleted before';

function outcomeOf(visit: Visit, customer: CustomerRecord | null): CountedVisit {
  // To another tenant there is no such customer.
  if (customer?.tenantId !== visit.tenantId) return 'no customer';
  if (visit.order > (customer.deletedOrder ?? Infinity)) return 'deleted before';
  return { email: customer.email };
}

/** The totals with some visits more, each where no later import set it. */
function withVisits({ stats, fieldOrders = {} }: CustomerRecord, visits: Visit[]): CustomerStats {
  const next = { ...stats };
  const { totalSpend = 0, visits: visited = 0, lastVisit = 0 } = fieldOrders;
  for (const visit of visits) {
    if (visit.order > totalSpend) next.spendCents += visit.spentCents;
    if (visit.order > visited) next.visits += visit.visits;
    if (visit.order > lastVisit && visit.at > (next.lastVisit ?? 0)) next.lastVisit = visit.at;
    next.visitOrder = Math.max(visit.order, next.visitOrder ?? 0);
  }
  return next;
}
