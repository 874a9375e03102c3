import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { CustomerRefused } from '../customer-refused';
import { type Freeing, TooManyCollisions } from '../customer.repository';
import { collectionOf, CustomerRecord, DELETED_INDEX } from '../customer.schema';
import { insertNew } from '../duplicate-key';
import type { CreateCustomer, CustomerRef } from '../jobs/customer.jobs';
import { newCustomer } from '../new-customer';
import { erasedEmail } from './erased-email';
import type { ErasedPerson, Named } from './erased-person';

/** Attempts to erase a customer that others write at the same time, before the job is retried later. */
const MAX_COLLISIONS = 20;

/**
 * Makes a tombstone of a customer: id, tenant, its places in the order of acceptance, and hashes of its emails. From then
 * on each write to it is refused, and rows of imports that were accepted before are not written. The emails themselves
 * stay with it until their traces are removed, so that an erasure whose worker dies goes on where it was.
 */
@Injectable()
export class ErasedCustomers {
  private readonly customers: mongo.Collection<CustomerRecord>;

  constructor(@InjectModel(CustomerRecord.name) model: Model<CustomerRecord>) {
    this.customers = collectionOf(model);
  }

  /**
   * May be repeated; of one that is erased already nothing changes.
   * @param createOf the customer's create, where it was not created
   * @returns emails whose traces are to be removed
   * @throws CustomerRefused CUSTOMER_NOT_FOUND
   */
  async bury(
    { tenantId, customerId }: CustomerRef,
    order: number,
    freeing: Freeing,
    createOf: () => Promise<CreateCustomer | undefined>,
  ): Promise<string[]> {
    for (let collisions = 0; collisions < MAX_COLLISIONS; collisions++) {
      const current = await this.customers.findOne({ _id: customerId, tenantId });
      if (current?.erasedAt) return current.erasing ?? [];
      const create = current ? undefined : await createOf();
      if (!current && !create) throw new CustomerRefused('CUSTOMER_NOT_FOUND');
      const record =
        current ?? newCustomer({ ...(create as CreateCustomer), order }, create as CreateCustomer);
      if (current?.deletedAt === null) await freeing(record.email);
      const emails = await this.unclaimed(record, current?.deletedAt === null);
      const tombstone = tombstoneOf(record, emails, order);
      if (await this.put(current, tombstone)) return emails;
    }
    throw new TooManyCollisions(`Customer ${customerId} is changed by too many jobs at once`);
  }

  /** All traces are removed. */
  async forget({ tenantId, customerId }: Pick<CustomerRef, 'tenantId' | 'customerId'>): Promise<void> {
    await this.customers.updateOne({ _id: customerId, tenantId }, { $unset: { erasing: 1 } });
  }

  /** Those of them that are of the person, and of no customer that lives. */
  async tracesOf<T>(person: ErasedPerson, found: readonly T[], nameIn: (one: T) => Named): Promise<T[]> {
    const others = found
      .flatMap((one) => nameIn(one).customerId ?? [])
      .filter((id) => id !== person.customerId);
    const living =
      others.length === 0
        ? []
        : await this.customers
            .find(
              { _id: { $in: others }, tenantId: person.tenantId, deletedAt: null },
              { projection: { _id: 1 } },
            )
            .toArray();
    const theirs = new Set(living.map(({ _id }) => _id));
    return found.filter((one) => {
      const { customerId = '', jobId } = nameIn(one);
      return !theirs.has(customerId) && jobId !== person.jobId;
    });
  }

  /** Ids and hashed emails of those who were erased after a place in the order of acceptance: nearly always nobody. */
  async since(tenantId: string, order: number): Promise<{ ids: Set<string>; emails: Set<string> }> {
    const found = await this.customers
      .find(
        { tenantId, deletedOrder: { $gt: order }, erasedAt: { $exists: true } },
        { hint: DELETED_INDEX, projection: { erasedEmails: 1 } },
      )
      .toArray();
    return {
      ids: new Set(found.map(({ _id }) => _id)),
      emails: new Set(found.flatMap(({ erasedEmails = [] }) => erasedEmails)),
    };
  }

  /** Its emails without those that another customer has by now: what is kept of them is that one's. */
  private async unclaimed(record: CustomerRecord, isLiving: boolean): Promise<string[]> {
    const { _id, tenantId, email, formerEmails = [] } = record;
    const all = [...new Set([email, ...formerEmails.map((former) => former.email)])];
    const claimed = await this.customers
      .find(
        { tenantId, email: { $in: all }, deletedAt: null, _id: { $ne: _id } },
        { projection: { email: 1 } },
      )
      .toArray();
    const theirs = new Set(claimed.map((other) => other.email));
    return all.filter((one) => (isLiving && one === email) || !theirs.has(one));
  }

  /** @returns false when it was changed meanwhile */
  private async put(current: CustomerRecord | null, tombstone: CustomerRecord): Promise<boolean> {
    if (!current) return (await insertNew(this.customers, [tombstone])).size === 0;
    const { _id, tenantId, revision } = current;
    const { matchedCount } = await this.customers.replaceOne({ _id, tenantId, revision }, tombstone);
    return matchedCount === 1;
  }
}

function tombstoneOf(
  { _id, tenantId, order, revision, createdAt, deletedOrder = 0 }: CustomerRecord,
  emails: string[],
  erasedOrder: number,
): CustomerRecord {
  const now = new Date();
  return {
    _id,
    tenantId,
    name: '',
    email: '',
    attributes: {},
    stats: { spendCents: 0, visits: 0, lastVisit: null },
    order,
    revision: revision + 1,
    createdAt,
    updatedAt: now,
    // It is kept from now on, however long it was hidden.
    deletedAt: now,
    deletedOrder: Math.max(deletedOrder, erasedOrder),
    erasedAt: now,
    erasing: emails,
    erasedEmails: emails.map((email) => erasedEmail(tenantId, email)),
  };
}
