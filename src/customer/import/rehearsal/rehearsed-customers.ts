import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { Environment } from '../../../config/environment';
import { collectionOf } from '../../customer.schema';
import { insertNew } from '../../duplicate-key';
import type { ChunkRef } from '../undo/change-log';
import type { Met } from './rehearsal';
import { RehearsedCustomer } from './rehearsed-customer.schema';

/** What the chunks of a dry run hand on to those after them. */
@Injectable()
export class RehearsedCustomers {
  private readonly rehearsed: mongo.Collection<RehearsedCustomer>;

  constructor(
    @InjectModel(RehearsedCustomer.name) model: Model<RehearsedCustomer>,
    private readonly environment: Environment,
  ) {
    this.rehearsed = collectionOf(model);
  }

  /** By email, the customers as the chunks before this one would have left them. */
  async before({ tenantId, importId, chunk }: ChunkRef, emails: string[]): Promise<Map<string, Met>> {
    if (chunk === 0) return new Map();
    const found = await this.rehearsed
      .find({ tenantId, importId, email: { $in: emails }, chunk: { $lt: chunk } })
      .sort({ chunk: 1 })
      .toArray();
    return new Map(found.map(({ email, customer, exists }) => [email, { customer, exists }]));
  }

  /** Of a chunk that is tried twice, what it left first stays. */
  async keep({ tenantId, importId, chunk }: ChunkRef, changed: ReadonlyMap<string, Met>): Promise<void> {
    if (changed.size === 0) return;
    const expiresAt = new Date(Date.now() + this.environment.import.retentionMs);
    const documents = [...changed].map(([email, { customer, exists }]) => ({
      _id: `${importId}-${chunk}:${email}`,
      tenantId,
      importId,
      chunk,
      email,
      exists,
      customer,
      expiresAt,
    }));
    await insertNew(this.rehearsed, documents);
  }

  async drop({ tenantId, importId }: Pick<ChunkRef, 'tenantId' | 'importId'>): Promise<void> {
    await this.rehearsed.deleteMany({ tenantId, importId });
  }
}
