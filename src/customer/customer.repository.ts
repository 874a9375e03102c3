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

/** Writes of single customers. Each is idempotent and keeps the order of acceptance, see {@link merge}. */
@Injectable()
export class CustomerRepository {
  private readonly customers: mongo.Collection<CustomerRecord>;

  constructor(@InjectModel(CustomerRecord.name) model: Model<CustomerRecord>) {
    this.customers = collectionOf(model);
  }

  /** @throws CustomerRefused EMAIL_TAKEN */
  async create(record: CustomerRecord): Promise<void> {
    try {
      await this.customers.insertOne(record);
    } catch (error) {
      if (isDuplicateEmail(error)) throw new CustomerRefused('EMAIL_TAKEN');
      if (!isDuplicateKey(error)) throw error;
      // The id is taken: this job was delivered before.
    }
  }

  /**
   * @returns the customer after the change
   * @throws CustomerRefused EMAIL_TAKEN, TOO_MANY_ATTRIBUTES, or CUSTOMER_NOT_FOUND when it was deleted
   * @throws CustomerNotYet
   */
  async update(
    tenantId: string,
    customerId: string,
    changes: FieldChanges,
    order: number,
  ): Promise<CustomerRecord> {
    for (let collisions = 0; collisions < MAX_COLLISIONS; collisions++) {
      const current = await this.find(tenantId, customerId);
      if (current.deletedAt) throw new CustomerRefused('CUSTOMER_NOT_FOUND');
      const { record } = merge(current, changes, order);
      if (hasTooManyAttributes(record)) throw new CustomerRefused('TOO_MANY_ATTRIBUTES');
      record.revision = current.revision + 1;
      record.updatedAt = new Date();
      if (await this.replace(current, record)) return record;
    }
    throw new TooManyCollisions(`Customer ${customerId} is changed by too many jobs at once`);
  }

  /** Soft: the customer is kept, hidden from readers, and its email is free again. @throws CustomerNotYet */
  async softDelete(tenantId: string, customerId: string): Promise<CustomerRecord> {
    const current = await this.find(tenantId, customerId);
    if (!current.deletedAt) {
      await this.customers.updateOne(
        { _id: customerId, tenantId, deletedAt: null },
        { $set: { deletedAt: new Date(), updatedAt: new Date() }, $inc: { revision: 1 } },
      );
    }
    return current;
  }

  private async find(tenantId: string, customerId: string): Promise<CustomerRecord> {
    const record = await this.customers.findOne({ _id: customerId, tenantId });
    if (!record) throw new CustomerNotYet(customerId);
    return record;
  }

  private async replace(current: CustomerRecord, next: CustomerRecord): Promise<boolean> {
    try {
      const { matchedCount } = await this.customers.replaceOne(
        { _id: current._id, tenantId: current.tenantId, revision: current.revision },
        next,
      );
      return matchedCount === 1;
    } catch (error) {
      if (isDuplicateEmail(error)) throw new CustomerRefused('EMAIL_TAKEN');
      throw error;
    }
  }
}
