import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { collectionOf, CustomerRecord } from '../customer.schema';
import { Visit } from '../visit.schema';

/** What a run removed. */
export interface Purged {
  /** Customers. */
  purged: number;
  /** Their visits. */
  visits: number;
  /** False when as many were removed as one run may, and more are left: for the next one. */
  complete: boolean;
}

/** Customers of one step: some hundred ms of MongoDB, after which a worker that stops can stop. */
const BATCH = 1_000;

/** In the words of the index: a date, and so a deleted customer. */
const EVER = new Date(0);

/**
 * Removes customers for good that were deleted long ago. A deleted customer is kept since writes that were accepted before
 * its delete, and rows of imports, must find it (see `deletedOrder`): when it goes, none of them may be left. Jobs
 * that run late, such as dead letters that are replayed, are kept no longer than `Environment.purge` says, so one that
 * comes for a purged customer was accepted after its delete, and is refused: CUSTOMER_NOT_FOUND, as before the purge.
 */
@Injectable()
export class CustomerPurge {
  private readonly customers: mongo.Collection<CustomerRecord>;
  private readonly visits: mongo.Collection<Visit>;

  constructor(
    @InjectModel(CustomerRecord.name) customers: Model<CustomerRecord>,
    @InjectModel(Visit.name) visits: Model<Visit>,
  ) {
    this.customers = collectionOf(customers);
    this.visits = collectionOf(visits);
  }

  /**
   * May run twice, and beside itself: what another removed is not counted.
   * @param before those that were deleted before it
   * @param most customers that are removed
   * @throws AbortError once stopping, with whole batches done
   */
  async run(before: Date, most: number, stopping: AbortSignal): Promise<Purged> {
    const all: Purged = { purged: 0, visits: 0, complete: false };
    while (all.purged < most) {
      stopping.throwIfAborted();
      const due = await this.due(before, Math.min(BATCH, most - all.purged));
      if (due.length === 0) return { ...all, complete: true };
      // First, since nothing leads to the visits of a customer that is gone; and last, those of a late job in between.
      all.visits += await this.removeVisits(due);
      all.purged += await this.removeCustomers(due, before);
      all.visits += await this.removeVisits(due);
    }
    return { ...all, complete: (await this.due(before, 1)).length === 0 };
  }

  /** Those that were deleted first, of all tenants. */
  private due(before: Date, limit: number): Promise<Due[]> {
    return this.customers
      .find<Due>(deleted(before), { projection: { _id: 1, tenantId: 1 } })
      .sort({ deletedAt: 1 })
      .limit(limit)
      .toArray();
  }

  /** Tenant by tenant, each on its shard. */
  private async removeCustomers(due: readonly Due[], before: Date): Promise<number> {
    const { deletedCount } = await this.customers.bulkWrite(
      [...Map.groupBy(due, ({ tenantId }) => tenantId)].map(([tenantId, customers]) => ({
        deleteMany: {
          filter: { tenantId, _id: { $in: customers.map(({ _id }) => _id) }, ...deleted(before) },
        },
      })),
      { ordered: false },
    );
    return deletedCount;
  }

  private async removeVisits(due: readonly Due[]): Promise<number> {
    const { deletedCount } = await this.visits.bulkWrite(
      due.map(({ _id: id, tenantId }) => ({
        // ";" is what follows ":", so this is the range of the customer's ids.
        deleteMany: { filter: { tenantId, _id: { $gte: `${id}:`, $lt: `${id};` } } },
      })),
      { ordered: false },
    );
    return deletedCount;
  }
}

type Due = Pick<CustomerRecord, '_id' | 'tenantId'>;

/** One that is being erased has to be found until its traces are gone. */
const deleted = (before: Date) => ({ deletedAt: { $gt: EVER, $lt: before }, erasing: { $exists: false } });
