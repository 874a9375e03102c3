import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { collectionOf, CustomerRecord, DELETED_INDEX, FORMER_EMAIL_INDEX } from '../customer.schema';
import { erasedEmail } from '../erase/erased-email';
import type { ImportRow } from './import-row';

/** By row, id of the customer that it was about when it was accepted; null for one that is deleted since. */
export type Overtaken = Map<ImportRow, string | null>;

/**
 * Single writes overtake imports. Whoever had the email of a row when it was accepted may have been deleted since, or have
 * another email by now: the row must not bring that customer back, or make a second one of it. That is looked up after
 * the row was inserted: from then on nobody else can get the email.
 */
@Injectable()
export class OvertakenRows {
  private readonly customers: mongo.Collection<CustomerRecord>;

  constructor(@InjectModel(CustomerRecord.name) model: Model<CustomerRecord>) {
    this.customers = collectionOf(model);
  }

  /** Removes the customers that these rows should not have made. @param created rows in their order */
  async takeBack(tenantId: string, created: ImportRow[]): Promise<Overtaken> {
    const overtaken = await this.find(tenantId, created);
    const ids = [...overtaken.keys()].map(({ customerId }) => customerId);
    if (ids.length > 0) await this.customers.deleteMany({ _id: { $in: ids }, tenantId, revision: 1 });
    return overtaken;
  }

  /** @param rows that found nobody with their email, in their order */
  async find(tenantId: string, rows: ImportRow[]): Promise<Overtaken> {
    const [first] = rows;
    if (!first) return new Map();
    const [gone, moved] = await Promise.all([
      this.deletedSince(tenantId, first.order),
      this.movedSince(tenantId, first.order),
    ]);
    const overtaken: Overtaken = new Map();
    if (gone.length === 0 && moved.length === 0) return overtaken;
    for (const row of rows) {
      const holder = holderOf(row, moved);
      if (holder) overtaken.set(row, holder._id);
      else if (gone.some((customer) => wasDeletedAfter(row, customer))) overtaken.set(row, null);
    }
    return overtaken;
  }

  /**
   * Rows about somebody who was erased since: they must not give what they say to whoever has the email by now.
   * @param rows that met a customer, in their order
   */
  async erased(tenantId: string, rows: ImportRow[]): Promise<Set<ImportRow>> {
    const [first] = rows;
    if (!first) return new Set();
    const gone = await this.deletedSince(tenantId, first.order);
    return new Set(rows.filter((row) => gone.some((customer) => wasErasedAfter(row, customer))));
  }

  /** Nearly always nobody, and one look at an index. */
  private deletedSince(tenantId: string, order: number) {
    return this.customers
      .find(
        { tenantId, deletedOrder: { $gt: order } },
        { hint: DELETED_INDEX, projection: { tenantId: 1, email: 1, deletedOrder: 1, erasedEmails: 1 } },
      )
      .toArray();
  }

  private movedSince(tenantId: string, order: number) {
    return this.customers
      .find(
        { tenantId, 'formerEmails.order': { $gt: order } },
        { hint: FORMER_EMAIL_INDEX, projection: { formerEmails: 1 } },
      )
      .toArray();
  }
}

type Deleted = Pick<CustomerRecord, '_id' | 'tenantId' | 'email' | 'deletedOrder' | 'erasedEmails'>;
type Moved = Pick<CustomerRecord, '_id' | 'formerEmails'>;

const wasDeletedAfter = (row: ImportRow, customer: Deleted): boolean =>
  (customer.email === row.customer.email || wasErasedAfter(row, customer)) &&
  (customer.deletedOrder ?? 0) > row.order &&
  customer._id !== row.customerId;

const wasErasedAfter = (
  { order, customer }: ImportRow,
  { tenantId, deletedOrder = 0, erasedEmails }: Deleted,
) =>
  erasedEmails !== undefined &&
  deletedOrder > order &&
  erasedEmails.includes(erasedEmail(tenantId, customer.email));

/** Of those who gave the email up after the row was accepted, the first: that one had it then. */
function holderOf(row: ImportRow, moved: Moved[]): Moved | undefined {
  const gaveUp = ({ formerEmails = [] }: Moved): number =>
    Math.min(
      ...formerEmails
        .filter(({ email, order }) => email === row.customer.email && order > row.order)
        .map(({ order }) => order),
    );
  return moved
    .filter((customer) => customer._id !== row.customerId && gaveUp(customer) < Infinity)
    .sort((a, b) => gaveUp(a) - gaveUp(b))[0];
}
