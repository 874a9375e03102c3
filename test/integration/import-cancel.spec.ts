import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Environment } from '../../src/config/environment';
import { ChunkGate } from '../../src/customer/import/chunk-gate';
import { buildCsv } from '../factories/csv';
import type { Client } from '../helpers/client';
import { acceptedImport } from '../helpers/customers';
import { createDeliveries, type Deliveries } from '../helpers/deliveries';
import { EventWatch } from '../helpers/event-watch';
import { NOBODY, withPort } from '../helpers/outage';
import { Stores } from '../helpers/stores';
import { startTcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitForImport } from '../helpers/wait';

const CANCELLED = 'customer.import.cancelled';
const cancel = (client: Client, importId: string) => client.post(`/api/customer/imports/${importId}/cancel`);
const importOf = async (client: Client, importId: string) =>
  (await client.get(`/api/customer/imports/${importId}`)).body.data;

describe('an import that is cancelled', () => {
  let api: TestApp;
  let stores: Stores;
  let deliveries: Deliveries;
  let events: EventWatch;
  let tenantId: string;
  let client: Client;

  beforeAll(async () => {
    api = await createTestApp({ role: 'api' });
    stores = await Stores.of(api);
    deliveries = await createDeliveries(api);
    events = await EventWatch.on(api);
  });

  beforeEach(() => {
    tenantId = randomUUID();
    client = api.client({ tenantId });
  });

  afterAll(async () => {
    await events.close();
    await deliveries.close();
    await stores.close();
    await api.close();
  });

  /** What Redis holds of an import, its jobs included. */
  const keysOf = async (importId: string) => (await stores.keys()).filter((key) => key.includes(importId));
  const cancellationsOf = (importId: string) => events.of(importId).filter(({ type }) => type === CANCELLED);
  const expectNothingLeftOf = async (importId: string) => {
    expect(await keysOf(importId)).toEqual([expect.stringMatching(`:import:${importId}$`)]);
  };

  it.each([
    ['waits', ''],
    ['is planned', `?runAt=${new Date(Date.now() + 86_400_000).toISOString()}`],
  ])('while it %s is over at once, and leaves its record only', async (_, query) => {
    const importId = await acceptedImport(client, buildCsv({ rows: 2_500 }), query);

    const answer = await cancel(client, importId);

    expect(answer).toMatchObject({ status: 202, body: { success: true } });
    expect(answer.body.data).toEqual({ importId, status: 'cancelled' });
    expect(answer.headers.get('location')).toBe(`/api/jobs/${importId}`);
    expect(await importOf(client, importId)).toMatchObject({
      status: 'cancelled',
      counts: { rows: 2_500, processed: 0 },
      startedAt: null,
      cancelRequestedAt: expect.any(String),
      finishedAt: expect.any(String),
    });
    await expectNothingLeftOf(importId);
    await events.until(importId, CANCELLED);
    expect((await client.get(`/api/jobs/${importId}`)).body.data).toMatchObject({
      status: 'failed',
      error: { reason: 'CANCELLED' },
    });
  });

  it('may be cancelled again: the answer is the same, and so is the event', async () => {
    const importId = await acceptedImport(client, buildCsv({ rows: 1 }));

    const answers = await Promise.all([1, 2, 3].map(() => cancel(client, importId)));

    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(answers.map(({ body }) => body.data.status)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    await events.until(importId, CANCELLED);
    expect(new Set(cancellationsOf(importId).map(({ id }) => id)).size).toBe(1);
  });

  it('is cancelled once per idempotency key', async () => {
    const importId = await acceptedImport(client, buildCsv({ rows: 1 }));
    const send = () =>
      client.fetch(`/api/customer/imports/${importId}/cancel`, {
        method: 'POST',
        headers: { 'idempotency-key': 'cancel-1' },
      });

    const first = await send();
    const again = await send();

    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  it('is none of another tenant, nor one that nobody was told of', async () => {
    const importId = await acceptedImport(client, buildCsv({ rows: 1 }));

    const byOther = await cancel(api.client(), importId);
    const ofNobody = await cancel(client, NOBODY);
    await stores.unconfirm(importId);
    const unconfirmed = await cancel(client, importId);

    expect([byOther.status, ofNobody.status, unconfirmed.status]).toEqual([404, 404, 404]);
    await deliveries.drain();
    expect(await importOf(client, importId)).toMatchObject({ status: 'completed' });
  });

  it('is not over already', async () => {
    const importId = await acceptedImport(client, buildCsv({ rows: 1 }));
    await deliveries.drain();

    const answer = await cancel(client, importId);

    expect(answer.status).toBe(409);
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
    expect(answer.body.detail).toMatch(/completed/);
    expect(await importOf(client, importId)).toMatchObject({ status: 'completed', cancelRequestedAt: null });
  });

  it('keeps what was written, counts it, and begins nothing more', async () => {
    const importId = await acceptedImport(client, buildCsv({ rows: 2_500 }));
    const [first = ''] = await deliveries.chunksOf(importId);
    await deliveries.deliver(first);

    const answer = await cancel(client, importId);
    const during = await importOf(client, importId);
    await deliveries.drain();

    expect(answer.body.data).toEqual({ importId, status: 'processing' });
    expect(during).toMatchObject({ status: 'processing', cancelRequestedAt: expect.any(String) });
    expect(await importOf(client, importId)).toMatchObject({
      status: 'cancelled',
      counts: { rows: 2_500, processed: 1_000, created: 1_000 },
    });
    expect(await stores.customersOf(tenantId)).toHaveLength(1_000);
    expect((await keysOf(importId)).filter((key) => key.includes(':import:'))).toHaveLength(1);
    expect(new Set(cancellationsOf(importId).map(({ id }) => id)).size).toBe(1);
  });

  it('counts a chunk whose worker died before the cancel: some of its rows may be written', async () => {
    const importId = await acceptedImport(client, buildCsv({ rows: 2_500 }));
    await stores.beginChunk(importId, 1);

    await cancel(client, importId);
    await deliveries.drain();

    expect(await importOf(client, importId)).toMatchObject({
      status: 'cancelled',
      counts: { processed: 1_000, created: 1_000 },
    });
    expect(await stores.customersOf(tenantId)).toHaveLength(1_000);
  });

  it('lets a chunk go on that began before the cancel, and no other begin', async () => {
    const importId = await acceptedImport(client, buildCsv({ rows: 2_500 }));
    const environment = Environment.read({ ...api.variables, APP_ROLE: 'worker' });
    const redis = new Redis(api.variables.REDIS_URL ?? '');
    const gate = new ChunkGate(redis, environment);
    await stores.begin(importId);
    await gate.pass({ importId, chunk: 0 });
    await gate.isOpen({ importId, chunk: 1 });

    await cancel(client, importId);

    expect(await Promise.all([0, 1].map((chunk) => gate.isOpen({ importId, chunk })))).toEqual([true, false]);
    expect(await Promise.all([0, 1].map((chunk) => gate.pass({ importId, chunk })))).toEqual([true, false]);
    redis.disconnect();
    await deliveries.drain();
  });

  it('writes nothing when a job of it is delivered late', async () => {
    const importId = await acceptedImport(client, buildCsv({ rows: 1_500 }));
    const chunks = await deliveries.chunksOf(importId);
    const [first = '', second = ''] = chunks;
    await stores.begin(importId);
    await cancel(client, importId);
    const results = [...(await deliveries.deliver(first)), ...(await deliveries.deliver(second))];

    const late = await deliveries.deliver(second, { times: 2 });

    const nothing = { created: 0, updated: 0, unchanged: 0, skipped: 0, rejected: 0 };
    expect([...results, ...late]).toEqual(Array.from({ length: 4 }, () => nothing));
    expect(await importOf(client, importId)).toMatchObject({ status: 'cancelled', counts: { processed: 0 } });
    expect(await stores.customersOf(tenantId)).toEqual([]);
  });

  it('is cancelled in the end though a chunk of it failed, which can not be replayed', async () => {
    const importId = await acceptedImport(client, buildCsv({ rows: 1_500 }));
    const [first = ''] = await deliveries.chunksOf(importId);
    await stores.beginChunk(importId, 0);
    await stores.swapChunk(importId, 0, Buffer.from('no chunk'));
    await cancel(client, importId);

    await deliveries.drain();
    const ended = await importOf(client, importId);
    const replayed = await deliveries.deliver(first);

    expect(ended).toMatchObject({ status: 'cancelled', counts: { processed: 0 } });
    expect(replayed).toEqual([expect.objectContaining({ created: 0 })]);
    expect(await importOf(client, importId)).toEqual(ended);
    expect((await keysOf(importId)).filter((key) => key.includes(':import:'))).toHaveLength(1);
  });
});

describe('imports that are cancelled while workers are at them', () => {
  it('count exactly what they wrote, and are either cancelled or were done before', async () => {
    const app = await createTestApp();
    const stores = await Stores.of(app);

    for (let delayMs = 0; delayMs < 48; delayMs += 6) {
      const tenantId = randomUUID();
      const client = app.client({ tenantId });
      const importId = await acceptedImport(client, buildCsv({ rows: 2_200 }));
      await setTimeout(delayMs);
      const answer = await cancel(client, importId);
      const { status, counts } = await waitForImport(client, importId);

      expect([
        [202, 'cancelled'],
        [409, 'completed'],
      ]).toContainEqual([answer.status, status]);
      expect(counts).toMatchObject({ processed: counts.created });
      expect(await stores.customersOf(tenantId)).toHaveLength(counts.created);
    }

    await stores.close();
    await app.close();
  });
});

describe('cancelling', () => {
  it('needs no MongoDB', async () => {
    const mongo = await startTcpProxy(process.env.TEST_MONGODB_URI ?? '');
    const variables = { MONGODB_URI: withPort(process.env.TEST_MONGODB_URI, mongo.port) };
    const api = await createTestApp({ role: 'api', variables });
    const client = api.client();
    mongo.cut();
    const importId = await acceptedImport(client, buildCsv({ rows: 1 }));

    const answer = await cancel(client, importId);

    expect(answer.body.data).toEqual({ importId, status: 'cancelled' });
    mongo.restore();
    await api.close();
    await mongo.close();
  });

  it('is refused in time while Redis is away', async () => {
    const redis = await startTcpProxy(process.env.TEST_REDIS_URL ?? '');
    const variables = { REDIS_URL: `redis://127.0.0.1:${redis.port}` };
    const api = await createTestApp({ role: 'api', variables });
    const client = api.client();
    const importId = await acceptedImport(client, buildCsv({ rows: 1 }));

    redis.freeze();
    const askedAt = performance.now();
    const answer = await cancel(client, importId);

    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(performance.now() - askedAt).toBeLessThan(1_200);
    redis.restore();
    await api.close();
    await redis.close();
  });
});
