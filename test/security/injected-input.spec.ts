import { randomUUID } from 'node:crypto';
import { buildCustomer } from '../factories/customer';
import type { Client } from '../helpers/client';
import { CommandWatch } from '../helpers/command-watch';
import { acceptedImport, existingCustomer, outcomeOf, readCustomer } from '../helpers/customers';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { waitForImport } from '../helpers/wait';

/** What a customer has that is nobody's to say. */
const OURS = [
  ...['tenantId', '_id', 'id', 'customerId', 'roles', 'deletedAt', 'deletedOrder', 'revision', 'createdAt'],
  ...['updatedAt', 'fieldOrders', 'putBack', 'stats', 'totalSpend', 'visits', 'order', 'userId', 'jobId'],
];
const REACHING = ['__proto__', 'constructor', 'prototype'];
const OPERATORS = ['$ne', '$gt', '$where', '$regex', '$set', '$expr', '$function', 'a.b', 'stats.visits'];

describe('input that is more than it should be', () => {
  let app: TestApp;
  let stores: Stores;
  let tenantId: string;
  let client: Client;

  beforeAll(async () => {
    app = await createTestApp();
    stores = await Stores.of(app);
  });

  beforeEach(() => {
    tenantId = newTenant();
    client = app.client({ tenantId });
  });

  afterAll(async () => {
    await stores.close();
    await app.close();
  });

  /** As text: a literal with `__proto__` would set it. */
  const bodyWith = (key: string, value: unknown, body: object = {}) =>
    JSON.stringify({ ...body, KEY: value }).replace('"KEY"', JSON.stringify(key));
  const only = async () => {
    const [customer, ...more] = await stores.customersOf(tenantId);
    if (!customer || more.length > 0) throw new Error(`Not one customer, but ${more.length + 1}`);
    return customer;
  };

  describe('in a body', () => {
    it.each([...OURS, ...REACHING, ...OPERATORS])(
      'sets nothing by the field %s: it is refused',
      async (key) => {
        const created = await client.post('/api/customer', bodyWith(key, { role: 'admin' }, buildCustomer()));
        const changed = await client.patch(
          `/api/customer/${randomUUID()}`,
          bodyWith(key, 'x', { name: 'A' }),
        );
        const hooked = await client.patch(`/api/webhooks/${randomUUID()}`, bodyWith(key, 'x'));

        expect([created.status, changed.status, hooked.status]).toEqual([400, 400, 400]);
      },
    );

    it.each([...REACHING, ...OPERATORS])('sets nothing by the attribute %s: it is refused', async (key) => {
      const attributes = JSON.parse(bodyWith(key, 'x')) as object;
      const body = { ...buildCustomer(), attributes };

      const created = await client.post('/api/customer', body);
      const changed = await client.patch(`/api/customer/${randomUUID()}`, { attributes });

      expect([created.status, changed.status]).toEqual([400, 400]);
    });

    it('keeps what an attribute is called like a field of ours apart from it', async () => {
      const attributes = { tenantId: 'other', _id: 'x', roles: 'admin', deletedAt: 'now', revision: 99 };

      const id = await existingCustomer(client, { attributes });

      expect((await readCustomer(client, id)).attributes).toEqual(attributes);
      expect(await only()).toMatchObject({ _id: id, tenantId, deletedAt: null, revision: 1 });
      expect(await only()).not.toHaveProperty('roles');
    });

    it.each(['name', 'email', 'phone', 'address', 'tags'])(
      'is no operator in the field %s',
      async (field) => {
        const statuses = await Promise.all(
          [{ $ne: null }, { $gt: '' }, [{ $ne: null }], { $where: 'sleep(9000)' }].map(
            async (value) =>
              (await client.post('/api/customer', { ...buildCustomer(), [field]: value })).status,
          ),
        );

        expect(statuses).toEqual([400, 400, 400, 400]);
      },
    );

    it('is an operator in no value of an attribute, and is text where it is text', async () => {
      const nested = await client.post('/api/customer', {
        ...buildCustomer(),
        attributes: { plan: { $ne: null } },
      });
      const id = await existingCustomer(client, { name: '$where', attributes: { plan: '{"$ne":null}' } });

      expect(nested.status).toBe(400);
      expect(await readCustomer(client, id)).toMatchObject({
        name: '$where',
        attributes: { plan: '{"$ne":null}' },
      });
    });

    it('changes nobody else’s prototype', () => {
      expect({}).not.toHaveProperty('role');
      expect(Object.prototype).not.toHaveProperty('isAdmin');
    });
  });

  describe('in a query', () => {
    it.each([
      'email[$ne]=',
      'email[$gt]=',
      'email[]=a&email[]=b',
      'email=a&email=b',
      'tag[$exists]=true',
      'search[$regex]=.*',
      '$where=sleep(9000)',
      'cursor[$gt]=',
      'limit[$gt]=1',
      'sort[$ne]=name',
      'tenantId=other',
      '__proto__[isAdmin]=true',
      'constructor[prototype][isAdmin]=true',
    ])('is refused: %s', async (query) => {
      expect((await client.get(`/api/customer?${query}`)).status).toBe(400);
      expect({}).not.toHaveProperty('isAdmin');
    });

    it('finds nobody but by the text it is', async () => {
      await existingCustomer(client);

      for (const text of ['{"$ne":null}', '$ne', '[$ne]', "'; return true; //"]) {
        const value = encodeURIComponent(text);
        for (const filter of ['email', 'tag', 'search'])
          expect((await client.get(`/api/customer?${filter}=${value}`)).body.data.items).toEqual([]);
      }
    });
  });

  describe('in a search', () => {
    it.each([
      '(a+)+$',
      '^(([a-z])+.)+[A-Z]([a-z])+$',
      '(a|aa)+$',
      '.*.*.*.*=',
      '(?=a)*',
      '[',
      '\\',
      '.{1000}',
    ])('is text, asked for once, however it would be read as a pattern: %s', async (search) => {
      await existingCustomer(client, { name: `${'a'.repeat(150)}!` });
      const id = await existingCustomer(client, { name: `has ${search} in it` });
      const watch = await CommandWatch.on(app);

      const before = await watch.about(tenantId);
      const { body } = await client.get(`/api/customer?search=${encodeURIComponent(search)}`);
      const asked = await watch.about(tenantId);
      await watch.close();

      expect(body.data.items.map(({ id: found }: { id: string }) => found)).toEqual([id]);
      expect(asked.length - before.length).toBe(1);
    });

    it('is no longer than a hundred characters', async () => {
      expect((await client.get(`/api/customer?search=${'a'.repeat(101)}`)).status).toBe(400);
    });
  });

  describe('in a file', () => {
    it('sets nothing but attributes by columns called like fields of ours', async () => {
      const csv =
        'name,email,tenantId,_id,roles,deletedAt,revision,createdAt\nA,a@example.com,other,x,admin,now,9,0\n';

      const { counts } = await waitForImport(client, await acceptedImport(client, csv));

      const customer = await only();
      expect(counts).toMatchObject({ created: 1 });
      expect(customer).toMatchObject({ tenantId, deletedAt: null, revision: 1 });
      expect(customer.attributes).toMatchObject({ tenantId: 'other', _id: 'x', roles: 'admin' });
      expect(customer).not.toHaveProperty('roles');
      expect(customer._id).not.toBe('x');
    });

    it.each([...REACHING, ...OPERATORS])('has no column %s, nor one mapped to it', async (key) => {
      const csv = `name,email,${key}\nA,a@example.com,x\n`;
      const mapping = encodeURIComponent(JSON.stringify({ Plan: `attributes.${key}` }));

      const named = await client.upload(csv);
      const mapped = await client.upload('name,email,Plan\nA,a@example.com,x\n', `?mapping=${mapping}`);

      expect([named.status, mapped.status]).toEqual([400, 400]);
    });

    it.each([
      ...OURS.filter((key) => !['totalSpend', 'visits'].includes(key)),
      ...REACHING,
      '$set',
      'attributes',
    ])('is not mapped to %s', async (field) => {
      const mapping = encodeURIComponent(JSON.stringify({ Plan: field }));

      const { status } = await client.upload('name,email,Plan\nA,a@example.com,x\n', `?mapping=${mapping}`);

      expect(status).toBe(400);
    });

    it('is text in its cells', async () => {
      const cells = '{"$ne":null}|a@example.com|{"$gt":""}|$where|{"$where":"sleep(9000)"}';
      const csv = `name|email|Plan|address|Code\n${cells}\n$where|{"$ne":null}|x|y|z\n`;

      const { counts } = await waitForImport(client, await acceptedImport(client, csv));

      expect(counts).toMatchObject({ created: 1, rejected: 1 });
      expect(await only()).toMatchObject({
        name: '{"$ne":null}',
        address: '$where',
        attributes: { Plan: '{"$gt":""}', Code: '{"$where":"sleep(9000)"}' },
      });
    });

    it.each(['$where', '{"$where":"sleep(9000)"}', '{"$gt":""}'])(
      'updates nobody by an email that is an operator: %s',
      async (email) => {
        const id = await existingCustomer(client, { name: 'Ana' });
        const quoted = `"${email.replaceAll('"', '""')}"`;

        const { counts } = await waitForImport(
          client,
          await acceptedImport(client, `name,email\nEve,${quoted}\n`),
        );

        expect(counts).toMatchObject({ updated: 0, rejected: 1 });
        expect((await readCustomer(client, id)).name).toBe('Ana');
      },
    );
  });

  it('finds by an id that is none of an object', async () => {
    const statuses = await Promise.all(
      ['[object Object]', '{"$ne":null}', '$ne', '%7B%22$gt%22:%22%22%7D'].map(
        async (id) => (await client.get(`/api/customer/${encodeURIComponent(id)}`)).status,
      ),
    );
    const job = await outcomeOf(client, await client.post('/api/customer', buildCustomer()));

    expect(statuses).toEqual([404, 404, 404, 404]);
    expect(job.status).toBe('completed');
  });
});
