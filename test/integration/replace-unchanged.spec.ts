import { createConnection, type Connection, type mongo } from 'mongoose';
import { newId } from '../../src/customer/customer-id';
import { CustomerSchema, type CustomerRecord } from '../../src/customer/customer.schema';
import { newCustomer } from '../../src/customer/new-customer';
import { replaceUnchanged } from '../../src/customer/replace-unchanged';
import { buildCustomer } from '../factories/customer';
import { testVariables } from '../helpers/environment';

describe('customers that are replaced together', () => {
  let connection: Connection;
  let customers: mongo.Collection<CustomerRecord>;

  beforeAll(async () => {
    connection = await createConnection(testVariables().MONGODB_URI ?? '').asPromise();
    customers = connection.model('Customer', CustomerSchema).collection as never;
  });

  afterAll(async () => {
    await connection.close();
  });

  it('are, where nobody wrote them since they were read', async () => {
    const [first, second] = await stored(2);
    await customers.updateOne({ _id: second._id }, { $set: { name: 'Theirs' }, $inc: { revision: 1 } });

    const all = await replaceUnchanged(customers, [
      { before: first, after: { ...first, name: 'Ours' } },
      { before: second, after: { ...second, name: 'Ours' } },
    ]);

    expect(all).toBe(false);
    expect(await customers.find({ _id: { $in: [first._id, second._id] } }).toArray()).toMatchObject([
      { name: 'Ours', revision: 2 },
      { name: 'Theirs', revision: 2 },
    ]);
  });

  it('keep text as it is that looks like an expression, and lose fields that are left out', async () => {
    const [{ phone: _phone, ...customer }] = await stored(1);
    const after = { ...customer, name: '$email', attributes: { plan: '$$ROOT', '$set.a': '{ "$add": 1 }' } };

    expect(await replaceUnchanged(customers, [{ before: customer, after }])).toBe(true);

    const updatedAt: unknown = expect.any(Date);
    expect(await customers.findOne({ _id: customer._id })).toEqual({ ...after, revision: 2, updatedAt });
  });

  async function stored(count: number): Promise<[CustomerRecord, CustomerRecord]> {
    const records = Array.from({ length: count }, () => {
      const identity = { customerId: newId(), tenantId: newId(), order: 1, acceptedAt: 0 };
      return newCustomer(identity, { ...buildCustomer(), phone: '123' });
    });
    await customers.insertMany(records);
    return records as [CustomerRecord, CustomerRecord];
  }
});
