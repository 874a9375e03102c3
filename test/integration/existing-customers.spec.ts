import { createConnection, type Connection, type Model } from 'mongoose';
import { newId, rowCustomerId } from '../../src/customer/customer-id';
import { collectionOf, CustomerRecord, CustomerSchema } from '../../src/customer/customer.schema';
import { ExistingCustomers } from '../../src/customer/import/existing-customers';
import type { ImportRow } from '../../src/customer/import/import-row';
import { newCustomer } from '../../src/customer/new-customer';
import { testVariables } from '../helpers/environment';

describe('the customers that rows find', () => {
  let mongo: Connection;
  let model: Model<CustomerRecord>;

  beforeAll(async () => {
    mongo = await createConnection(testVariables().MONGODB_URI ?? '').asPromise();
    model = mongo.model(CustomerRecord.name, CustomerSchema);
    await model.createCollection();
    await model.createIndexes();
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  afterAll(async () => {
    await mongo.dropDatabase();
    await mongo.close();
  });

  it('are their own where a twin of the chunk makes them while they are looked for', async () => {
    const row: ImportRow = {
      line: 2,
      customerId: rowCustomerId(newId(), 0),
      order: 1,
      acceptedAt: Date.now(),
      customer: { name: 'Ana', email: 'ana@example.com' },
    };
    const customers = collectionOf(model);
    const find = customers.find.bind(customers);
    const twin = Promise.withResolvers<undefined>();
    const look = (...[filter, options]: Parameters<typeof find>) => {
      const cursor = find(filter, options);
      const toArray = cursor.toArray.bind(cursor);
      // Whoever is looked for by email is looked for late, and by id before the twin.
      cursor.toArray = async () => {
        if ('email' in filter) await twin.promise;
        const found = await toArray();
        if ('email' in filter) return found;
        await customers.insertOne(newCustomer({ ...row, tenantId: 'tenant' }, row.customer));
        twin.resolve(undefined);
        return found;
      };
      return cursor;
    };
    jest.spyOn(customers, 'find').mockImplementation(look);

    const { byEmail, ownIds } = await new ExistingCustomers(model).of('tenant', [row]);

    expect(byEmail.has(row.customer.email)).toBe(true);
    expect(ownIds).toEqual(new Set([row.customerId]));
  });
});
