import { buildCustomer } from '../factories/customer';
import { buildCsv, emailOfRow } from '../factories/csv';
import { acceptedImport, readCustomer } from '../helpers/customers';
import type { Answer, Client } from '../helpers/client';
import { createDeliveries, type Deliveries } from '../helpers/deliveries';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';

const jobOf = ({ body }: Answer): string => body.data.jobId;
const customerOf = ({ body }: Answer): string => body.data.customerId;

/** Jobs are delivered at least once, in any order: these promises hold for each delivery that can happen. */
describe('delivery', () => {
  let app: TestApp;
  let deliveries: Deliveries;
  let stores: Stores;
  let client: Client;
  let tenantId: string;

  beforeAll(async () => {
    app = await createTestApp({ role: 'api' });
    deliveries = await createDeliveries(app);
    stores = await Stores.of(app);
  });

  beforeEach(() => {
    tenantId = newTenant();
    client = app.client({ tenantId });
  });

  afterAll(async () => {
    await stores.close();
    await deliveries.close();
    await app.close();
  });

  const create = (overrides = {}) => client.post('/api/customer', buildCustomer(overrides));
  const readImport = async (importId: string) =>
    (await client.get(`/api/customer/imports/${importId}`)).body.data;

  describe('of one write, several times', () => {
    it('creates a customer once', async () => {
      const accepted = await create({ name: 'Once' });

      const results = [
        ...(await deliveries.deliver(jobOf(accepted), { times: 3, atOnce: true })),
        ...(await deliveries.deliver(jobOf(accepted))),
      ];

      expect(results).toEqual(Array(4).fill({ customerId: customerOf(accepted) }));
      expect(await stores.customersOf(tenantId)).toMatchObject([{ _id: customerOf(accepted), name: 'Once' }]);
    });

    it('counts a visit without an eventId once', async () => {
      const accepted = await create();
      await deliveries.deliver(jobOf(accepted));
      const visit = await client.post(`/api/customer/${customerOf(accepted)}/stats`, {
        spent: '2.50',
        visits: 1,
        at: '2026-01-31T12:00:00Z',
      });

      const results = [
        ...(await deliveries.deliver(jobOf(visit), { times: 3, atOnce: true })),
        ...(await deliveries.deliver(jobOf(visit))),
      ];

      expect(results).toEqual(Array(4).fill({ customerId: customerOf(accepted) }));
      const { stats } = await readCustomer(client, customerOf(accepted));
      expect(stats).toMatchObject({ totalSpend: '2.50', visits: 1 });
    });

    const visitOf = (id: string, eventId?: string) =>
      client.post(`/api/customer/${id}/stats`, {
        spent: '2.50',
        visits: 1,
        at: '2026-01-31T12:00:00Z',
        ...(eventId !== undefined && { eventId }),
      });

    it('counts a visit once whose worker died before it marked it', async () => {
      const accepted = await create();
      await deliveries.deliver(jobOf(accepted));
      const [first, next] = [await visitOf(customerOf(accepted)), await visitOf(customerOf(accepted))];
      await deliveries.deliver(jobOf(first));

      const unmarked = await stores.unmarkVisits(customerOf(accepted));
      for (const visit of [next, first, next]) await deliveries.deliver(jobOf(visit));

      expect(unmarked).toBe(1);
      const { stats } = await readCustomer(client, customerOf(accepted));
      expect(stats).toMatchObject({ totalSpend: '5.00', visits: 2 });
    });

    it('counts a visit once whose worker died before it had counted it', async () => {
      const accepted = await create();
      await deliveries.deliver(jobOf(accepted));
      const customerId = customerOf(accepted);
      const visit = await visitOf(customerId, 'event');
      const at = new Date('2026-01-31T12:00:00Z');
      const order = (Date.now() + 1_000) * 1_000;
      await stores.writeDownVisit({
        _id: `${customerId}:event`,
        tenantId,
        spentCents: 250,
        visits: 1,
        at,
        order,
      });

      await deliveries.deliver(jobOf(visit), { times: 2 });

      expect((await readCustomer(client, customerId)).stats).toMatchObject({ totalSpend: '2.50', visits: 1 });
    });

    it('takes a visit that is being counted for one that a file does not contain', async () => {
      const { email } = buildCustomer();
      const accepted = await create({ email });
      await deliveries.deliver(jobOf(accepted));
      const importId = await acceptedImport(client, `name,email,totalSpend\nAna,${email},100\n`);
      await deliveries.deliver(jobOf(await visitOf(customerOf(accepted))));
      await stores.unmarkVisits(customerOf(accepted));

      for (const chunk of await deliveries.chunksOf(importId)) await deliveries.deliver(chunk);

      expect((await readCustomer(client, customerOf(accepted))).stats.totalSpend).toBe('102.50');
    });

    it('does not undo a later change', async () => {
      const accepted = await create();
      const [first, second] = [
        await client.patch(`/api/customer/${customerOf(accepted)}`, { name: 'First' }),
        await client.patch(`/api/customer/${customerOf(accepted)}`, { name: 'Second' }),
      ];

      for (const write of [accepted, first, second]) await deliveries.deliver(jobOf(write));
      await deliveries.deliver(jobOf(first), { times: 2 });
      await deliveries.deliver(jobOf(accepted));

      expect((await readCustomer(client, customerOf(accepted))).name).toBe('Second');
    });

    it('leaves what is stored as it was, to its revision and the time of its last change', async () => {
      const accepted = await create();
      const path = `/api/customer/${customerOf(accepted)}`;
      const writes = [
        accepted,
        await client.patch(path, { name: 'Second', attributes: { plan: 'free' } }),
        await client.patch(path, { attributes: null }),
        await visitOf(customerOf(accepted), 'event'),
        await client.delete(path),
      ];
      for (const write of writes) await deliveries.deliver(jobOf(write));
      const before = await stores.customersOf(tenantId);

      for (const write of writes) await deliveries.deliver(jobOf(write), { times: 2 });

      expect(await stores.customersOf(tenantId)).toEqual(before);
    });

    it('does not bring a deleted customer back', async () => {
      const accepted = await create();
      const removed = await client.delete(`/api/customer/${customerOf(accepted)}`);
      for (const write of [accepted, removed]) await deliveries.deliver(jobOf(write));

      await deliveries.deliver(jobOf(accepted), { times: 2 });
      await deliveries.deliver(jobOf(removed), { times: 2 });

      expect((await client.get(`/api/customer/${customerOf(accepted)}`)).status).toBe(404);
    });

    it('does not take the email back from who has it since', async () => {
      const { email } = buildCustomer();
      const accepted = await create({ email });
      const removed = await client.delete(`/api/customer/${customerOf(accepted)}`);
      for (const write of [accepted, removed]) await deliveries.deliver(jobOf(write));
      const heir = await create({ email });
      await deliveries.deliver(jobOf(heir));

      await deliveries.deliver(jobOf(accepted), { times: 2 });

      const { body } = await client.get(`/api/customer?email=${email}`);
      expect(body.data.items).toMatchObject([{ id: customerOf(heir) }]);
    });
  });

  describe('of several writes, in another order than they were accepted', () => {
    it('lets the change win that was accepted last', async () => {
      const accepted = await create({ name: 'Created', phone: '555-0100', attributes: { plan: 'free' } });
      await deliveries.deliver(jobOf(accepted));
      const path = `/api/customer/${customerOf(accepted)}`;
      const older = await client.patch(path, {
        name: 'Older',
        phone: null,
        attributes: { plan: 'old', old: 1 },
      });
      const newer = await client.patch(path, { name: 'Newer', attributes: { plan: 'new' } });

      await deliveries.deliver(jobOf(newer));
      await deliveries.deliver(jobOf(older));

      expect(await readCustomer(client, customerOf(accepted))).toMatchObject({
        name: 'Newer',
        phone: null,
        attributes: { plan: 'new', old: 1 },
      });
    });

    it('keeps a field removed that a write accepted before the removal sets', async () => {
      const accepted = await create({ attributes: { a: 1, b: 1 } });
      await deliveries.deliver(jobOf(accepted));
      const path = `/api/customer/${customerOf(accepted)}`;
      const set = await client.patch(path, { phone: '555-0100', attributes: { a: 2, c: 2 } });
      const removal = await client.patch(path, { phone: null, attributes: null });

      await deliveries.deliver(jobOf(removal));
      await deliveries.deliver(jobOf(set));

      expect(await readCustomer(client, customerOf(accepted))).toMatchObject({ phone: null, attributes: {} });
    });

    it('asks for another delivery of a change that came before its create', async () => {
      const accepted = await create({ name: 'Created' });
      const change = await client.patch(`/api/customer/${customerOf(accepted)}`, { name: 'Changed' });

      const [early] = await deliveries.deliver(jobOf(change));
      for (const write of [accepted, change]) await deliveries.deliver(jobOf(write));

      // Delivered by hand, the job is not active, so the queue says what was asked of it.
      expect(early).toMatchObject({ message: expect.stringContaining('moveToDelayed') });
      expect((await readCustomer(client, customerOf(accepted))).name).toBe('Changed');
    });

    it('keeps a change that was accepted after an import but done before it', async () => {
      const { email } = buildCustomer();
      const accepted = await create({ email, name: 'Created' });
      await deliveries.deliver(jobOf(accepted));
      const importId = await acceptedImport(client, `name,email,plan\nImported,${email},gold\n`);
      const change = await client.patch(`/api/customer/${customerOf(accepted)}`, { name: 'Changed' });

      await deliveries.deliver(jobOf(change));
      for (const chunk of await deliveries.chunksOf(importId)) await deliveries.deliver(chunk);

      expect(await readCustomer(client, customerOf(accepted))).toMatchObject({
        name: 'Changed',
        attributes: { plan: 'gold' },
      });
    });

    it('keeps a visit that was accepted after an import but counted before it', async () => {
      const { email } = buildCustomer();
      const accepted = await create({ email });
      await deliveries.deliver(jobOf(accepted));
      const importId = await acceptedImport(client, `name,email,totalSpend\nAna,${email},100\n`);
      const visit = await client.post(`/api/customer/${customerOf(accepted)}/stats`, {
        spent: 5,
        visits: 1,
        at: '2026-01-31T12:00:00Z',
      });

      await deliveries.deliver(jobOf(visit));
      for (const chunk of await deliveries.chunksOf(importId)) await deliveries.deliver(chunk);

      expect((await readCustomer(client, customerOf(accepted))).stats.totalSpend).toBe('105.00');
    });
  });

  describe('of an import', () => {
    it('fails loudly when the data of a chunk is gone', async () => {
      const importId = await acceptedImport(client, buildCsv({ rows: 5 }));
      const [chunk = ''] = await deliveries.chunksOf(importId);
      await stores.dropChunk(importId, 0);

      const [result] = await deliveries.deliver(chunk);

      // The queue is told that no retry helps: it is a dead letter.
      expect(result).toMatchObject({ name: 'ChunkGone' });
      expect(await readImport(importId)).toMatchObject({
        status: 'failed',
        error: expect.stringContaining('upload them again'),
        counts: { processed: 0 },
      });
    });

    it('creates and counts the rows of a chunk once, however often it comes', async () => {
      const importId = await acceptedImport(client, buildCsv({ rows: 50 }));
      const [chunk = ''] = await deliveries.chunksOf(importId);

      const results = [
        ...(await deliveries.deliver(chunk, { times: 3, atOnce: true })),
        ...(await deliveries.deliver(chunk)),
      ];

      expect(results).toContainEqual(expect.objectContaining({ created: 50, rejected: 0 }));
      expect(await readImport(importId)).toMatchObject({
        status: 'completed',
        counts: { rows: 50, processed: 50, created: 50, updated: 0, unchanged: 0 },
      });
      expect(await stores.customersOf(tenantId)).toHaveLength(50);
    });

    it('counts rows as created that an earlier delivery wrote before it died', async () => {
      const importId = await acceptedImport(client, buildCsv({ rows: 50 }));
      const [chunk = ''] = await deliveries.chunksOf(importId);
      const bytes = await stores.chunkBytes(importId, 0);
      await deliveries.deliver(chunk);

      // As it was before the first delivery counted: its customers are there, its counts are not.
      await stores.forgetCounts(importId, 0, bytes);
      await deliveries.deliver(chunk);

      expect(await readImport(importId)).toMatchObject({
        status: 'completed',
        counts: { processed: 50, created: 50, updated: 0, unchanged: 0, rejected: 0 },
      });
      expect(await stores.customersOf(tenantId)).toHaveLength(50);
    });

    it('gives the same customers and counts in whatever order its chunks come', async () => {
      const prefix = newTenant();
      const csv = `${buildCsv({ rows: 2500, prefix })}Last,${emailOfRow(prefix, 0)},9\n`;
      const importId = await acceptedImport(client, csv);

      const chunks = await deliveries.chunksOf(importId);
      for (const chunk of chunks.toReversed()) await deliveries.deliver(chunk);

      expect(chunks).toHaveLength(3);
      expect(await readImport(importId)).toMatchObject({ status: 'completed', counts: { processed: 2501 } });
      expect(await stores.customersOf(tenantId)).toHaveLength(2500);
      const { body } = await client.get(`/api/customer?email=${emailOfRow(prefix, 0)}`);
      expect(body.data.items).toMatchObject([{ name: 'Last', stats: { visits: 9 } }]);
    });

    it('keeps what an earlier row of the file said when the later one, done first, leaves it empty', async () => {
      const prefix = newTenant();
      const csv = `name,email,visits,totalSpend\nFirst,${emailOfRow(prefix, 0)},3,10\n${Array.from(
        { length: 1000 },
        (_, row) => `Customer,${emailOfRow(prefix, row + 1)},,\n`,
      ).join('')}Last,${emailOfRow(prefix, 0)},,\n`;
      const importId = await acceptedImport(client, csv);

      for (const chunk of (await deliveries.chunksOf(importId)).toReversed()) await deliveries.deliver(chunk);

      const { body } = await client.get(`/api/customer?email=${emailOfRow(prefix, 0)}`);
      expect(body.data.items).toMatchObject([{ name: 'Last', stats: { visits: 3, totalSpend: '10.00' } }]);
    });
  });
});
