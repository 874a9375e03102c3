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
    const ends = new Ends(tenantId, gone);
    for (const row of rows) {
      const holder = holderOf(row, moved);
      if (holder) overtaken.set(row, holder._id);
      else if (ends.wasDeletedAfter(row)) overtaken.set(row, null);
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
    const ends = new Ends(tenantId, await this.deletedSince(tenantId, first.order));
    return new Set(rows.filter((row) => ends.wasErasedAfter(row)));
  }

  /** Nearly always nobody, and one look at an index. */
  private deletedSince(tenantId: string, order: number) {
    return this.customers
      .find(
        { tenantId, deletedOrder: { $gt: order } },
        { hint: DELETED_INDEX, projection: { email: 1, deletedOrder: 1, erasedEmails: 1 } },
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

type Deleted = Pick<CustomerRecord, '_id' | 'email' | 'deletedOrder' | 'erasedEmails'>;
type Moved = Pick<CustomerRecord, '_id' | 'formerEmails'>;

/** Who is gone, by email: a chunk has a thousand rows, and thousands may be gone. */
class Ends {
  private readonly deleted: Map<string, Deleted[]>;
  private readonly erased = new Map<string, Deleted[]>();

  constructor(
    private readonly tenantId: string,
    gone: Deleted[],
  ) {
    this.deleted = Map.groupBy(gone, ({ email }) => email);
    for (const customer of gone)
      for (const email of customer.erasedEmails ?? [])
        this.erased.set(email, [...(this.erased.get(email) ?? []), customer]);
  }

  wasDeletedAfter(row: ImportRow): boolean {
    const deleted = this.deleted.get(row.customer.email) ?? [];
    return [...deleted, ...this.erasedBy(row)].some(
      (customer) => isAfter(row, customer) && customer._id !== row.customerId,
    );
  }

  wasErasedAfter(row: ImportRow): boolean {
    return this.erasedBy(row).some((customer) => isAfter(row, customer));
  }

  private erasedBy({ customer: { email } }: ImportRow): Deleted[] {
    return this.erased.size === 0 ? [] : (this.erased.get(erasedEmail(this.tenantId, email)) ?? []);
  }
}

const isAfter = ({ order }: ImportRow, { deletedOrder = 0 }: Deleted): boolean => deletedOrder > order;

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
