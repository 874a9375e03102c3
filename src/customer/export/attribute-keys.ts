import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { Environment } from '../../config/environment';
import { readLimits } from '../../mongo/read-limits';
import { livingCustomers, type CustomerFilter } from '../customer-filter';
import { collectionOf, CustomerRecord } from '../customer.schema';
import { TooManyAttributes } from './too-many-attributes';

/** Customers looked at in one question to the database: each question has the time that a read may take. */
const PAGE = 5_000;

/** Customers that have the same keys, in the same order. */
interface Shape {
  _id: string[];
  /** The last of these customers. */
  last: string;
  customers: number;
}

/** Which attributes customers have. */
@Injectable()
export class AttributeKeys {
  private readonly customers: mongo.Collection<CustomerRecord>;

  constructor(
    @InjectModel(CustomerRecord.name) model: Model<CustomerRecord>,
    private readonly environment: Environment,
  ) {
    this.customers = collectionOf(model);
  }

  /**
   * All keys that some customers have between them, in the order of their code units. The database counts them, page by
   * page: what comes here are keys, and no values.
   * @param isWanted asked before each page; the keys so far are returned when it is false
   * @throws TooManyAttributes
   */
  async of(tenantId: string, filter: CustomerFilter, isWanted: () => boolean): Promise<string[]> {
    const { maxAttributes } = this.environment.exports;
    const keys = new Set<string>();
    let after: string | undefined;
    do {
      const shapes = await this.page(tenantId, filter, after);
      for (const key of shapes.flatMap(({ _id }) => _id)) keys.add(key);
      if (keys.size > maxAttributes) throw new TooManyAttributes(maxAttributes);
      after = lastOf(shapes);
    } while (after !== undefined && isWanted());
    return [...keys].sort();
  }

  private page(tenantId: string, filter: CustomerFilter, after: string | undefined): Promise<Shape[]> {
    const conditions = livingCustomers(tenantId, filter);
    if (after !== undefined) conditions.push({ _id: { $gt: after } });
    const keys = { $map: { input: { $objectToArray: '$attributes' }, in: '$$this.k' } };
    return this.customers
      .aggregate<Shape>(
        [
          { $match: { $and: conditions } },
          { $sort: { _id: 1 } },
          { $limit: PAGE },
          { $group: { _id: keys, last: { $max: '$_id' }, customers: { $sum: 1 } } },
        ],
        readLimits(this.environment.mongo.timeoutMs),
      )
      .toArray();
  }
}

/** Where the next page goes on; undefined after the last one. */
function lastOf(shapes: Shape[]): string | undefined {
  if (shapes.reduce((sum, { customers }) => sum + customers, 0) < PAGE) return undefined;
  return shapes.map(({ last }) => last).reduce((latest, last) => (last > latest ? last : latest));
}
