import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { collectionOf, CustomerRecord, EMAIL_INDEX } from '../customer.schema';
import type { ImportRow } from './import-row';

/** Rows of a chunk by which it is told whether it is about customers that exist. */
const SAMPLE_ROWS = 16;

/** Whom rows find in the database. */
export interface Met {
  /** The living customers with the rows' emails. */
  byEmail: Map<string, CustomerRecord>;
  /** Which of the ids exist that the rows give to customers of their own. */
  ownIds: Set<string>;
}

/** Finds the customers that rows are about, many at a time. */
@Injectable()
export class ExistingCustomers {
  private readonly customers: mongo.Collection<CustomerRecord>;

  constructor(@InjectModel(CustomerRecord.name) model: Model<CustomerRecord>) {
    this.customers = collectionOf(model);
  }

  /** Whether some of these rows, spread over all of them, have customers: then most of the others may, too. */
  async areLikely(tenantId: string, rows: readonly ImportRow[]): Promise<boolean> {
    if (rows.length === 0) return false;
    const step = Math.ceil(rows.length / SAMPLE_ROWS);
    const emails = rows.filter((_, place) => place % step === 0).map(({ customer }) => customer.email);
    const found = await this.customers.findOne(living(tenantId, emails), {
      hint: EMAIL_INDEX,
      projection: { _id: 1 },
    });
    return found !== null;
  }

  async of(tenantId: string, rows: readonly ImportRow[]): Promise<Met> {
    const emails = rows.map(({ customer }) => customer.email);
    const ids = rows.map(({ customerId }) => customerId).sort();
    const [found, own] = await Promise.all([
      this.customers
        .find(living(tenantId, emails), { hint: EMAIL_INDEX, batchSize: rows.length + 1 })
        .toArray(),
      // Ids of an import's rows are ordered, and between two of them is nobody else's: one range, mostly empty.
      this.customers
        .find(
          { _id: { $gte: ids.at(0) ?? '', $lte: ids.at(-1) ?? '' }, tenantId },
          { projection: { _id: 1 }, batchSize: rows.length + 1 },
        )
        .toArray(),
    ]);
    return {
      byEmail: new Map(found.map((record) => [record.email, record])),
      ownIds: new Set(own.map(({ _id }) => _id)),
    };
  }
}

const living = (tenantId: string, emails: string[]) => ({
  tenantId,
  email: { $in: emails },
  deletedAt: null,
});
