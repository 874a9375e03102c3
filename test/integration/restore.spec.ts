import { randomUUID } from 'node:crypto';
import { buildCsv } from '../factories/csv';
import { buildCustomer } from '../factories/customer';
import type { Client } from '../helpers/client';
import { acceptedImport, existingCustomer, outcomeOf, readCustomer } from '../helpers/customers';
import { EventStreamClient } from '../helpers/event-stream-client';
import { startOwnMongo, type OwnMongo } from '../helpers/own-mongo';
import { startOwnRedis, type OwnRedis } from '../helpers/own-redis';
import { runMigration } from '../helpers/process';
import { snapshotOfMongo, snapshotOfRedis } from '../helpers/snapshot';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { waitForImport } from '../helpers/wait';

const ROWS = 2_500;
const visit = { spent: '12.50', visits: 1, at: '2026-01-31T12:00:00Z', eventId: 'visit-1' };

/** What docs/operations.md says of backups, with servers of the test's own. */
describe('after a restore', () => {
  let redis: OwnRedis;
  let mongo: OwnMongo;
  let api: TestApp;
  let worker: TestApp;
  let client: Client;
  const tenantId = newTenant();

  beforeEach(async () => {
    [redis, mongo] = await Promise.all([startOwnRedis(), startOwnMongo()]);
    await startService({ REDIS_URL: redis.url, MONGODB_URI: mongo.url });
  }, 60_000);

  afterEach(async () => {
    await stopService();
    await Promise.all([redis.kill(), mongo.kill()]);
  });

  const startApi = async (variables: Record<string, string>) => {
    api = await createTestApp({ role: 'api', variables });
    client = api.client({ tenantId, roles: ['user', 'operator'] });
  };
  const startWorker = async () => {
    worker = await createTestApp({ role: 'worker', variables: api.variables });
  };
  const startService = async (variables: Record<string, string>) => {
    await startApi(variables);
    await startWorker();
  };
  const stopService = async () => {
    await worker.close();
    await api.close();
  };
  const restored = async (server: OwnMongo | OwnRedis, restore: () => Promise<void>) => {
    await server.kill();
    await restore();
    await server.start();
  };
  const done = async (accepted: Awaited<ReturnType<Client['post']>>) =>
    (await outcomeOf(client, accepted)).status;
  const found = async (customerId: string) => (await client.get(`/api/customer/${customerId}`)).status;
  const total = async () => (await client.get('/api/customer?limit=1')).body;

  describe('of MongoDB, with Redis as it is', () => {
    it('what was written since the backup is gone, and what waits is applied to what was restored', async () => {
      const before = await existingCustomer(client, { name: 'Before' });
      const restore = await snapshotOfMongo(mongo);
      const since = await existingCustomer(client);
      const changed = await done(await client.patch(`/api/customer/${before}`, { name: 'Since' }));
      await worker.close();
      const waiting = await client.patch(`/api/customer/${before}`, { phone: '+4930901820' });
      const orphan = await client.patch(`/api/customer/${since}`, { name: 'Nobody' });

      await restored(mongo, restore);
      const migrated = await runMigration({ MONGODB_URI: mongo.url });
      await startWorker();

      expect([changed, migrated.code]).toEqual(['completed', 0]);
      expect(await done(waiting)).toBe('completed');
      expect(await outcomeOf(client, orphan)).toMatchObject({
        status: 'failed',
        error: { reason: 'CUSTOMER_NOT_FOUND' },
      });
      expect(await readCustomer(client, before)).toMatchObject({ name: 'Before', phone: '+4930901820' });
      expect(await found(since)).toBe(404);
    }, 120_000);

    it('imports since are still listed, and uploading them with another key brings their rows back', async () => {
      const restore = await snapshotOfMongo(mongo);
      const csv = buildCsv({ rows: ROWS });
      const upload = (key: string) => client.upload(csv, '', { 'idempotency-key': key });
      const lost = (await upload('once')).body.data.importId;
      await waitForImport(client, lost);

      await restored(mongo, restore);
      const listed = (await client.get('/api/customer/imports')).body.data.items.map(
        ({ importId }: { importId: string }) => importId,
      );
      const kept = (await upload('once')).body.data.importId;
      const again = await waitForImport(client, (await upload('again')).body.data.importId);

      expect([listed, kept]).toEqual([[lost], lost]);
      expect(again).toMatchObject({ status: 'completed', counts: { rows: ROWS, created: ROWS } });
    }, 120_000);

    it('who was erased since is there again, and can be erased once more', async () => {
      const erased = await existingCustomer(client);
      const restore = await snapshotOfMongo(mongo);
      const erase = async () => done(await client.delete(`/api/customer/${erased}?erase=true`));
      const first = [await erase(), await found(erased)];

      await restored(mongo, restore);
      const between = await found(erased);
      const second = [await erase(), await found(erased)];

      expect([first, between, second]).toEqual([['completed', 404], 200, ['completed', 404]]);
    }, 120_000);
  });

  describe('of Redis, with MongoDB as it is', () => {
    it('jobs that were done run once more, and change nothing', async () => {
      const customerId = await existingCustomer(client, { name: 'First' });
      await worker.close();
      const created = await client.post('/api/customer', buildCustomer());
      const visited = await client.post(`/api/customer/${customerId}/stats`, visit);
      const older = await client.patch(`/api/customer/${customerId}`, { name: 'Second' });
      const importId = await acceptedImport(client, buildCsv({ rows: ROWS }));
      const restore = await snapshotOfRedis(redis);
      await startWorker();
      const jobs = [created, visited, older];
      const first = [...(await Promise.all(jobs.map(done))), (await waitForImport(client, importId)).status];
      const newer = await done(await client.patch(`/api/customer/${customerId}`, { name: 'Third' }));
      const before = [await readCustomer(client, customerId), await total()];
      await stopService();

      await restored(redis, restore);
      await startService(api.variables);
      const second = [...(await Promise.all(jobs.map(done))), (await waitForImport(client, importId)).status];

      const told = await redis.ask((asked) => asked.xrange('customer.events', '-', '+'));

      expect([first, newer]).toEqual([['completed', 'completed', 'completed', 'completed'], 'completed']);
      expect(JSON.stringify(told)).toContain(created.body.data.jobId);
      expect(second).toEqual(first);
      expect([await readCustomer(client, customerId), await total()]).toEqual(before);
      expect(before[0]).toMatchObject({ name: 'Third', stats: { visits: 1, totalSpend: '12.50' } });
    }, 120_000);

    it('who follows events is told to begin anew', async () => {
      const restore = await snapshotOfRedis(redis);
      await existingCustomer(client);
      const { entries } = {
        entries: await redis.ask((asked) => asked.xrevrange('customer.events', '+', '-')),
      };
      const after = entries[0]?.[0] ?? '';
      await stopService();

      await restored(redis, restore);
      await startService(api.variables);
      const stream = await EventStreamClient.open(api.url, client.token, { after });

      expect((await stream.until(1)).map(({ event }) => event)).toEqual(['reset']);
    }, 120_000);
  });

  it('of nothing in place of a lost Redis, imports are forgotten, and later writes are later than all before', async () => {
    const csv = buildCsv({ rows: 10, prefix: `row-${randomUUID()}` });
    const customerId = await existingCustomer(client, { name: 'Before' });
    const changed = await done(await client.patch(`/api/customer/${customerId}`, { name: 'Changed' }));
    const importId = await acceptedImport(client, csv);
    await waitForImport(client, importId);
    await worker.close();
    const lost = await client.post('/api/customer', buildCustomer());

    await redis.ask((asked) => asked.flushall());
    await startWorker();
    const later = await done(await client.patch(`/api/customer/${customerId}`, { name: 'Later' }));

    expect([changed, later]).toEqual(['completed', 'completed']);
    expect(await readCustomer(client, customerId)).toMatchObject({ name: 'Later' });
    expect((await client.get(`/api/customer/imports/${importId}`)).status).toBe(404);
    expect(await found(lost.body.data.customerId)).toBe(404);
    expect(await waitForImport(client, await acceptedImport(client, csv))).toMatchObject({
      counts: { unchanged: 10 },
    });
  }, 120_000);
});
