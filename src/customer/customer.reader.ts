import { Injectable, NotFoundException } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { Environment } from '../config/environment';
import { readLimits } from '../mongo/read-limits';
import { livingCustomers, type CustomerFilter } from './customer-filter';
import { collectionOf, CustomerRecord } from './customer.schema';
import { decodeCursor, encodeCursor } from './list-cursor';

export const SORTS = ['createdAt', '-createdAt', 'name', '-name', 'email', '-email'] as const;
export type Sort = (typeof SORTS)[number];

export interface CustomerQuery extends CustomerFilter {
  limit: number;
  sort: Sort;
  cursor?: string;
}

export interface CustomerPage {
  items: CustomerRecord[];
  nextCursor: string | null;
}

/** Ids are ordered by time, so they are what customers are sorted by when it is their creation. */
const SORT_FIELDS = { createdAt: '_id', name: 'name', email: 'email' } as const;

/** What readers see: the living customers of one tenant. */
@Injectable()
export class CustomerReader {
  private readonly customers: mongo.Collection<CustomerRecord>;

  constructor(
    @InjectModel(CustomerRecord.name) model: Model<CustomerRecord>,
    private readonly environment: Environment,
  ) {
    this.customers = collectionOf(model);
  }

  /** @throws NotFoundException also for another tenant's customer */
  async get(tenantId: string, customerId: string): Promise<CustomerRecord> {
    const record = await this.customers.findOne(
      { _id: customerId, tenantId, deletedAt: null },
      this.limits(),
    );
    if (!record) throw new NotFoundException('There is no such customer.');
    return record;
  }

  /** One page, by keyset: stable while others write, and as fast on the last page as on the first. */
  async list(tenantId: string, { limit, sort, cursor, ...filter }: CustomerQuery): Promise<CustomerPage> {
    const descending = sort.startsWith('-');
    const field = SORT_FIELDS[(descending ? sort.slice(1) : sort) as keyof typeof SORT_FIELDS];
    const conditions = livingCustomers(tenantId, filter);
    if (cursor !== undefined) conditions.push(after(field, descending, decodeCursor(cursor, sort)));
    const direction = descending ? -1 : 1;
    const items = await this.customers
      .find({ $and: conditions }, this.limits())
      .sort(field === '_id' ? { _id: direction } : { [field]: direction, _id: direction })
      .limit(limit + 1)
      .toArray();
    const last = items.length > limit ? items[limit - 1] : undefined;
    return {
      items: items.slice(0, limit),
      nextCursor: last ? encodeCursor({ sort, value: last[field], id: last._id }) : null,
    };
  }

  private limits() {
    return readLimits(this.environment.mongo.timeoutMs);
  }
}

function after(
  field: '_id' | 'name' | 'email',
  descending: boolean,
  { value, id }: { value: string; id: string },
): mongo.Filter<CustomerRecord> {
  const beyond = descending ? '$lt' : '$gt';
  if (field === '_id') return { _id: { [beyond]: id } };
  return { $or: [{ [field]: { [beyond]: value } }, { [field]: value, _id: { [beyond]: id } }] };
}
