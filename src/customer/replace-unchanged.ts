import type { mongo } from 'mongoose';
import type { CustomerRecord } from './customer.schema';

/** A customer as it was read, and as it shall be. */
export interface Replacement {
  before: CustomerRecord;
  after: CustomerRecord;
}

/**
 * Replaces many customers at once, each only if nobody wrote it since it was read.
 *
 * Made for what MongoDB spends on each statement. With `revision` in the filter planning costs as much again as the write:
 * so the revision is compared by the update. The tenant is what a sharded cluster finds the shard by. And `updateMany`, though it
 * finds one customer, is not retried by the driver: for statements that may be, the server keeps a note of each. Who
 * is cut off here reads again and finds what was written.
 * @returns whether all of them were replaced; the driver does not say which were not
 */
export async function replaceUnchanged(
  customers: mongo.Collection<CustomerRecord>,
  replacements: readonly Replacement[],
): Promise<boolean> {
  const updatedAt = new Date();
  const { modifiedCount } = await customers.bulkWrite(
    replacements.map(({ before, after }) => ({
      updateMany: {
        filter: { _id: before._id, tenantId: before.tenantId },
        update: [
          {
            $replaceWith: {
              $cond: [
                { $eq: ['$revision', before.revision] },
                { $literal: { ...after, revision: before.revision + 1, updatedAt } },
                '$$ROOT',
              ],
            },
          },
        ],
      },
    })),
    { ordered: false },
  );
  return modifiedCount === replacements.length;
}
