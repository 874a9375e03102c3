import { setTimeout } from 'node:timers/promises';
import { InjectModel } from '@nestjs/mongoose';
import { Injectable } from '@nestjs/common';
import type { Model, mongo } from 'mongoose';
import { Batches } from '../mongo/batches';
import { CustomerRefused } from './customer-refused';
import { CustomerNotYet, TooManyCollisions } from './customer.repository';
import { collectionOf, CustomerRecord, type CustomerStats } from './customer.schema';
import { insertNew } from './duplicate-key';
import { Visit } from './visit.schema';

export type VisitTotals = Pick<Visit, 'spentCents' | 'visits' | 'at'>;

/** Rounds in which others write the same customer, before the jobs are retried later. */
const MAX_COLLISIONS = 20;
/** Longest pause after the first collision, in ms; longer after each one. */
const COLLISION_PAUSE_MS = 5;

/** What is not in the journals of most members yet may be undone by a failover, and be said to have never been. */
const COMMITTED = { readConcern: { level: 'majority' } } as const;

/**
 * Adds visits to the totals of customers, each once. A visit and the totals are two documents, and no transaction binds
 * them: one that dies with its worker would lock the customer for a minute. Instead, in this order,
 *
 * 1. the visit is written down;
 * 2. the totals get it, and in the same document `stats.counting` its id, guarded by the revision;
 * 3. the visit is marked as counted; from then on its id may leave `counting`, with the next visits.
 *
 * Whoever comes again, after whatever death, finds the id either in `counting` or marked. The customer is read first: an
 * id that left `counting` before that was marked before.
 */
@Injectable()
export class CustomerStatsRepository {
  private readonly customers: mongo.Collection<CustomerRecord>;
  private readonly visits: mongo.Collection<Visit>;
  /** By customer and tenant: the visits of a busy one would only get in each other's way. */
  private readonly batches = new Batches<Visit, CountedVisit>((whose, visits) =>
    this.countAll(JSON.parse(whose) as Whose, visits),
  );

  constructor(
    @InjectModel(CustomerRecord.name) customers: Model<CustomerRecord>,
    @InjectModel(Visit.name) visits: Model<Visit>,
  ) {
    this.customers = collectionOf(customers);
    this.visits = collectionOf(visits);
  }

  /**
   * Adds a visit to a customer's totals, once per event id; totals that an import set later contain it already.
   * @returns the customer's email
   * @throws CustomerRefused CUSTOMER_NOT_FOUND when it was deleted before, CUSTOMER_ERASED
   * @throws CustomerNotYet
   */
  async count(customerId: string, eventId: string, visit: Omit<Visit, '_id' | 'counted'>): Promise<string> {
    const whose: Whose = { tenantId: visit.tenantId, _id: customerId };
    const counted = await this.batches.add(JSON.stringify(whose), {
      _id: `${customerId}:${eventId}`,
      ...visit,
    });
    if (counted === 'no customer') throw new CustomerNotYet(customerId);
    if (counted === 'erased') throw new CustomerRefused('CUSTOMER_ERASED');
    if (counted === 'deleted before') throw new CustomerRefused('CUSTOMER_NOT_FOUND');
    return counted.email;
  }

  /**
   * The sum of the visits in a customer's totals that were accepted after `order`: what an import's totals do not
   * contain. Only for a write that is guarded by the revision of the record that is given.
   */
  async laterThan({ _id, tenantId, stats }: CustomerRecord, order: number): Promise<VisitTotals | undefined> {
    const [sum] = await this.visits
      .aggregate<VisitTotals>(
        [
          // ";" is what follows ":", so this is the range of the customer's ids.
          { $match: { tenantId, _id: { $gte: `${_id}:`, $lt: `${_id};` }, order: { $gt: order } } },
          { $match: { $or: [{ counted: true }, { _id: { $in: stats.counting ?? [] } }] } },
          {
            $group: {
              _id: null,
              spentCents: { $sum: '$spentCents' },
              visits: { $sum: '$visits' },
              at: { $max: '$at' },
            },
          },
        ],
        COMMITTED,
      )
      .toArray();
    return sum;
  }

  private async countAll(whose: Whose, visits: Visit[]): Promise<CountedVisit[]> {
    for (let collisions = 0; collisions < MAX_COLLISIONS; collisions++) {
      const customer = await this.customers.findOne(whose, COMMITTED);
      const results = visits.map((visit) => outcomeOf(visit, customer));
      const valid = visits.filter((_, place) => typeof results[place] === 'object');
      // It was erased after a visit was written down: nobody else looks for that one.
      if (customer?.erasedAt)
        await this.visits.deleteMany({
          tenantId: whose.tenantId,
          _id: { $in: visits.map(({ _id }) => _id) },
        });
      if (!customer || valid.length === 0) return results;
      // The first one with an id stays.
      if (collisions === 0) await insertNew(this.visits, valid);
      if (await this.add(customer, valid)) return results;
      await setTimeout(Math.random() * COLLISION_PAUSE_MS * (collisions + 1));
    }
    throw new TooManyCollisions(`The visits of customer ${whose._id} are counted by too many jobs at once`);
  }

  /** @returns false when the customer was written by others since it was read */
  private async add(customer: CustomerRecord, visits: Visit[]): Promise<boolean> {
    const { tenantId } = customer;
    const { counting = [] } = customer.stats;
    const written = await this.visits
      .find({ tenantId, _id: { $in: [...counting, ...visits.map(({ _id }) => _id)] } }, COMMITTED)
      .toArray();
    const open = written.filter(({ counted }) => counted !== true);
    const fresh = open.filter(({ _id }) => !counting.includes(_id));
    if (fresh.length > 0) {
      const stats = { ...withVisits(customer, fresh), counting: open.map(({ _id }) => _id) };
      const { matchedCount } = await this.customers.updateOne(
        { _id: customer._id, tenantId, revision: customer.revision },
        { $set: { stats, updatedAt: new Date() }, $inc: { revision: 1 } },
      );
      if (matchedCount === 0) return false;
    }
    if (open.length > 0)
      await this.visits.updateMany(
        { tenantId, _id: { $in: open.map(({ _id }) => _id) } },
        { $set: { counted: true } },
        // Lost in a failover, it is made again: the customer has the ids.
        { writeConcern: { w: 1 } },
      );
    return true;
  }
}

/** A customer, to its tenant alone. */
type Whose = Pick<CustomerRecord, '_id' | 'tenantId'>;

type CountedVisit = { email: string } | 'no customer' | 'deleted before' | 'erased';

function outcomeOf(visit: Visit, customer: CustomerRecord | null): CountedVisit {
  if (!customer) return 'no customer';
  if (customer.erasedAt) return 'erased';
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
