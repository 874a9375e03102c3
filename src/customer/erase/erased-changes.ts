import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { mongo, type Model } from 'mongoose';
import { collectionOf } from '../customer.schema';
import { RehearsedCustomer } from '../import/rehearsal/rehearsed-customer.schema';
import type { RowChange } from '../import/undo/change-log';
import { LoggedChanges } from '../import/undo/change-log.schema';
import { erasedEmail } from './erased-email';
import type { ErasedTraces } from './erased-traces';
import { rewriteEach, type Wish } from './rewrite-each';

/** Takes people who were erased out of what imports write down for themselves: for their undo, and in a dry run. */
@Injectable()
export class ErasedChanges {
  private readonly logged: mongo.Collection<LoggedChanges>;
  private readonly rehearsed: mongo.Collection<RehearsedCustomer>;

  constructor(
    @InjectModel(LoggedChanges.name) logged: Model<LoggedChanges>,
    @InjectModel(RehearsedCustomer.name) rehearsed: Model<RehearsedCustomer>,
  ) {
    this.logged = collectionOf(logged);
    this.rehearsed = collectionOf(rehearsed);
  }

  /** @param wish all of a tenant, or of one chunk */
  async clean(wish: Wish, erased: ErasedTraces): Promise<void> {
    await rewriteEach(this.logged, wish, ({ changes: packed }) => {
      const { changes } = mongo.BSON.deserialize(zstdDecompressSync(packed.buffer)) as {
        changes: RowChange[];
      };
      const kept = changes.filter(({ customerId }) => !erased.ids.has(customerId));
      if (kept.length === changes.length) return Promise.resolve({});
      return Promise.resolve({
        changes: new mongo.Binary(zstdCompressSync(mongo.BSON.serialize({ changes: kept }))),
      });
    });
    await this.dropRehearsed(wish, erased);
  }

  /** Scratch of dry runs, page by page: only its emails tell whom it is about. */
  private async dropRehearsed({ tenantId, ...chunk }: Wish, erased: ErasedTraces): Promise<void> {
    const found = this.rehearsed.find(
      { 'customer.tenantId': tenantId, ...chunk },
      { projection: { email: 1, 'customer._id': 1 }, batchSize: 1_000 },
    );
    for await (const { _id, email, customer } of found)
      if (erased.ids.has(customer._id) || erased.emails.has(erasedEmail(tenantId, email)))
        await this.rehearsed.deleteOne({ _id });
  }
}
