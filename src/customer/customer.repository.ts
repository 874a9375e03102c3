import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { isDuplicateEmail, isDuplicateKey } from './duplicate-key';
import { CustomerRefused } from './customer-refused';
import { hasTooManyAttributes, merge, type FieldChanges } from './customer.merge';
import { collectionOf, CustomerRecord } from './customer.schema';

/** Attempts to write a customer that others write at the same time, before the job is retried later. */
const MAX_COLLISIONS = 20;

/** The customer was changed by others each time we tried: a fault, retried with backoff. */
export class TooManyCollisions extends Error {
  override readonly name = 'TooManyCollisions';
}

/** A write came before its create, or for nobody: retried while the create is under way, refused otherwise. */
export class CustomerNotYet extends Error {
  override readonly name = 'CustomerNotYet';

  constructor(readonly customerId: string) {
    super(`Customer ${customerId} is not there yet`);
  }
}

/** Resolves when nobody whose claim of an email was accepted before can still be refused it, or throws. */
export type Freeing = (email: string) => Promise<void>;

/** Writes of single customers. Each is idempotent and keeps the order of acceptance, see {@link merge}. */
@Injectable()
export class CustomerRepository {
  private readonly customers: mongo.Collection<CustomerRecord>;

  constructor(@InjectModel(CustomerRecord.name) model: Model<CustomerRecord>) {
    this.customers = collectionOf(model);
  }

  /** @throws CustomerRefused EMAIL_TAKEN, or CUSTOMER_ERASED when that came first */
  async create(record: CustomerRecord): Promise<void> {
    for (let collisions = 0; collisions < MAX_COLLISIONS; collisions++) {
      try {
        await this.customers.insertOne(record);
        return;
      } catch (error) {
        // The id is taken: this job was delivered before.
        if (isDuplicateKey(error) && !isDuplicateEmail(error)) {
          await this.refuseErased(record);
          return;
        }
        await this.refuseEmail(record, error);
      }
    }
    throw new TooManyCollisions(`The email of customer ${record._id} changes hands too often`);
  }

  /**
   * A write that was accepted before the delete of its customer is applied to what is hidden since.
   * @returns the customer after the change
   * @throws CustomerRefused EMAIL_TAKEN, TOO_MANY_ATTRIBUTES, CUSTOMER_NOT_FOUND when it was deleted before, or
   * CUSTOMER_ERASED
   * @throws CustomerNotYet
   */
  async update(
    tenantId: string,
    customerId: string,
    changes: FieldChanges,
    order: number,
    freeing: Freeing,
  ): Promise<CustomerRecord> {
    for (let collisions = 0; collisions < MAX_COLLISIONS; collisions++) {
      const current = await this.find(tenantId, customerId);
      if (order > deletedAt(current)) throw new CustomerRefused('CUSTOMER_NOT_FOUND');
      const { record, applied } = merge(current, changes, order);
      if (!applied) return current;
      if (hasTooManyAttributes(record)) throw new CustomerRefused('TOO_MANY_ATTRIBUTES', customerId);
      if (record.email !== current.email) await freeing(current.email);
      record.revision = current.revision + 1;
      record.updatedAt = new Date();
      if (await this.replace(current, record)) return record;
    }
    throw new TooManyCollisions(`Customer ${customerId} is changed by too many jobs at once`);
  }

  /**
   * Soft: the customer is kept, hidden from readers, and its email is free again.
   * @returns the customer before
   * @throws CustomerRefused CUSTOMER_NOT_FOUND when it was deleted before, CUSTOMER_ERASED
   * @throws CustomerNotYet
   */
  async softDelete(
    tenantId: string,
    customerId: string,
    order: number,
    freeing: Freeing,
  ): Promise<CustomerRecord> {
    for (let collisions = 0; collisions < MAX_COLLISIONS; collisions++) {
      const current = await this.find(tenantId, customerId);
      const { email } = current;
      if (order > deletedAt(current)) throw new CustomerRefused('CUSTOMER_NOT_FOUND');
      await freeing(email);
      if (order === deletedAt(current)) return current;
      const { matchedCount } = await this.customers.updateOne({ _id: customerId, tenantId, email }, [
        {
          $set: {
            deletedAt: { $ifNull: ['$deletedAt', '$$NOW'] },
            deletedOrder: { $min: ['$deletedOrder', order] },
            revision: { $add: ['$revision', 1] },
            updatedAt: '$$NOW',
          },
        },
      ]);
      if (matchedCount === 1) return current;
    }
    throw new TooManyCollisions(`The email of customer ${customerId} is changed by too many jobs at once`);
  }

  /** Ids of the living customers that have one of these emails. */
  async holders(tenantId: string, emails: readonly string[]): Promise<string[]> {
    const found = await this.customers
      .find({ tenantId, email: { $in: [...emails] }, deletedAt: null }, { projection: { _id: 1 } })
      .toArray();
    return found.map(({ _id }) => _id);
  }

  private async find(tenantId: string, customerId: string): Promise<CustomerRecord> {
    const record = await this.customers.findOne({ _id: customerId, tenantId });
    if (!record) throw new CustomerNotYet(customerId);
    if (record.erasedAt) throw new CustomerRefused('CUSTOMER_ERASED');
    return record;
  }

  private async refuseErased({ _id, tenantId }: CustomerRecord): Promise<void> {
    const erased = await this.customers.findOne(
      { _id, tenantId, erasedAt: { $exists: true } },
      { projection: { _id: 1 } },
    );
    if (erased) throw new CustomerRefused('CUSTOMER_ERASED');
  }

  /** @returns false when the customer was changed meanwhile, or the email became free again */
  private async replace(current: CustomerRecord, next: CustomerRecord): Promise<boolean> {
    try {
      const { matchedCount } = await this.customers.replaceOne(
        { _id: current._id, tenantId: current.tenantId, revision: current.revision },
        next,
      );
      return matchedCount === 1;
    } catch (error) {
      await this.refuseEmail(next, error);
      return false;
    }
  }

  /** @throws the error, unless it says that the email is taken; CustomerRefused while another customer has it */
  private async refuseEmail({ tenantId, email }: CustomerRecord, error: unknown): Promise<void> {
    if (!isDuplicateEmail(error)) throw error;
    const [holder] = await this.holders(tenantId, [email]);
    if (holder !== undefined) throw new CustomerRefused('EMAIL_TAKEN', holder);
  }
}

/** Place of the delete in the order of acceptance; a living customer is deleted after all there is. */
const deletedAt = ({ deletedOrder = Infinity }: CustomerRecord): number => deletedOrder;
