// The driver alone: unordered insertMany, or bulk upserts, of the documents that the service would make of the rows.
import { join } from 'node:path';
import mongoose from 'mongoose';
import type * as Ids from '../../src/customer/customer-id.ts';
import type * as Customers from '../../src/customer/new-customer.ts';
import type * as Schema from '../../src/customer/customer.schema.ts';
import { takeTask, tell } from '../child.ts';
import { benchRows } from '../rows.ts';

export interface WriteTask {
  root: string;
  mongodbUri: string;
  how: 'insert' | 'upsert';
  set: string;
  rows: number;
  /** Of the rows that are written. */
  version: number;
  batchRows: number;
  inFlight: number;
}

const task = await takeTask<WriteTask>();
const built = async <T>(file: string): Promise<T> => (await import(join(task.root, 'dist', file))) as T;
const [{ newCustomer }, { CustomerSchema }, { newId, rowCustomerId }] = await Promise.all([
  built<typeof Customers>('customer/new-customer.js'),
  built<typeof Schema>('customer/customer.schema.js'),
  built<typeof Ids>('customer/customer-id.js'),
]);

const connection = await mongoose
  .createConnection(task.mongodbUri, { writeConcern: { w: 'majority', journal: true } })
  .asPromise();
const model = connection.model('Customer', CustomerSchema);
await model.createCollection();
await model.createIndexes();

const importId = newId();
const batches: Schema.CustomerRecord[][] = [];
for (let from = 0; from < task.rows; from += task.batchRows) {
  const rows = benchRows(task.set, from, Math.min(task.batchRows, task.rows - from), task.version);
  batches.push(
    rows.map((row, index) => {
      const customerId = rowCustomerId(importId, from + index);
      const identity = { customerId, tenantId: 'bench', order: Date.now() * 1_000 + from + index };
      return newCustomer({ ...identity, acceptedAt: Date.now() }, row);
    }),
  );
}

const collection = model.collection as unknown as mongoose.mongo.Collection<Schema.CustomerRecord>;
async function write(batch: Schema.CustomerRecord[]): Promise<void> {
  if (task.how === 'insert') {
    await collection.insertMany(batch, { ordered: false });
    return;
  }
  await collection.bulkWrite(
    batch.map(({ tenantId, email, name, phone, address, updatedAt }) => ({
      updateOne: {
        filter: { tenantId, email, deletedAt: null },
        update: { $set: { name, phone: phone ?? '', address: address ?? '', updatedAt } },
        upsert: true,
      },
    })),
    { ordered: false },
  );
}

const startedAt = performance.now();
let next = 0;
await Promise.all(
  Array.from({ length: task.inFlight }, async () => {
    for (let batch = batches[next++]; batch; batch = batches[next++]) await write(batch);
  }),
);
const wallMs = performance.now() - startedAt;
await connection.close();
tell({ wallMs });
