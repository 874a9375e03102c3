import { buildCsv } from '../factories/csv';
import type { Client } from '../helpers/client';
import { acceptedImport } from '../helpers/customers';
import { createDeliveries, type Deliveries } from '../helpers/deliveries';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForImport } from '../helpers/wait';

/** Logs of what happened, which are bounded: BullMQ's own, and ours. */
const isLog = (key: string): boolean => key.endsWith(':events') || key === 'customer.events';

describe('what an import leaves in Redis', () => {
  let app: TestApp;
  let stores: Stores;

  beforeAll(async () => {
    app = await createTestApp();
    stores = await Stores.of(app);
  });

  afterAll(async () => {
    await stores.close();
    await app.close();
  });

  it.each([
    ['no problems', buildCsv({ rows: 2500 })],
    ['problems', `${buildCsv({ rows: 1500 })}${'Bo,no email,1\n'.repeat(500)}`],
  ])('is its record and its place in the list, and nothing else: %s', async (_, csv) => {
    const client = app.client({ tenantId: 'leftovers' });
    const importId = await acceptedImport(client, csv);
    const before = await stores.keysThatSay(importId);
    await waitForImport(client, importId);

    const left = await waitFor(
      'the jobs to be gone',
      async () => (await stores.keysThatSay(importId)).filter((key) => !isLog(key)),
      (keys) => keys.length <= 2,
    );

    const prefix = app.variables.QUEUE_PREFIX ?? '';
    expect(before.length).toBeGreaterThan(2);
    expect(left).toEqual([`${prefix}:import:${importId}`, `${prefix}:imports:leftovers`]);
    expect((await client.get(`/api/customer/imports/${importId}`)).body.data.problems).toHaveLength(
      csv.includes('no email') ? 100 : 0,
    );
  });
});

describe('a chunk of an import that is over', () => {
  let api: TestApp;
  let client: Client;
  let stores: Stores;
  let deliveries: Deliveries;

  beforeAll(async () => {
    api = await createTestApp({ role: 'api' });
    client = api.client();
    stores = await Stores.of(api);
    deliveries = await createDeliveries(api);
  });

  afterAll(async () => {
    await deliveries.close();
    await stores.close();
    await api.close();
  });

  const read = async (importId: string) => (await client.get(`/api/customer/imports/${importId}`)).body.data;

  it('is nothing to do, and counted no more', async () => {
    const importId = await acceptedImport(client, buildCsv({ rows: 1500 }));
    const chunks = await deliveries.chunksOf(importId);
    for (const chunk of chunks) await deliveries.deliver(chunk);
    const over = await read(importId);

    const late = await Promise.all(chunks.map((chunk) => deliveries.deliver(chunk, { times: 2 })));

    expect(over).toMatchObject({ status: 'completed', counts: { processed: 1500 } });
    expect(late.flat().filter((result) => result instanceof Error)).toEqual([]);
    expect(await read(importId)).toEqual(over);
    expect(await stores.keysThatSay(`${importId}:`)).toEqual([]);
  });

  it('is written when it is a dead letter that is replayed, after which nothing is kept of it', async () => {
    const importId = await acceptedImport(client, buildCsv({ rows: 1500 }));
    const [first = ''] = await deliveries.chunksOf(importId);
    const bytes = await stores.chunkBytes(importId, 0);
    await stores.swapChunk(importId, 0, Buffer.from('no zstd'));
    await deliveries.drain();
    const failed = await read(importId);

    await stores.swapChunk(importId, 0, bytes);
    await deliveries.deliver(first, { times: 3, atOnce: true });

    expect(failed).toMatchObject({ status: 'failed', counts: { processed: 500 } });
    expect(await read(importId)).toMatchObject({
      status: 'completed',
      counts: { processed: 1500, created: 1500 },
    });
    expect(await stores.keysThatSay(`${importId}:`)).toEqual([]);
  });
});
