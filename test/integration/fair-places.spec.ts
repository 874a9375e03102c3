import { Redis } from 'ioredis';
import { buildCsv } from '../factories/csv';
import { acceptedImport } from '../helpers/customers';
import { createDeliveries, type Deliveries } from '../helpers/deliveries';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';

const FILE = buildCsv({ rows: 2 });

describe('imports of several tenants', () => {
  let api: TestApp;
  let deliveries: Deliveries;

  beforeEach(async () => {
    api = await createTestApp({ role: 'api' });
    deliveries = await createDeliveries(api);
  });

  afterEach(async () => {
    await deliveries.close();
    await api.close();
  });

  const upload = (tenantId: string, csv = FILE) => acceptedImport(api.client({ tenantId }), csv);

  /** Tenants of the next jobs, in the order in which a worker takes them. */
  const served = async (jobs: number, whenDone?: (tenantId: string) => Promise<unknown>) => {
    const tenants: string[] = [];
    while (tenants.length < jobs) {
      const job = await deliveries.next();
      if (!job) break;
      const { tenantId } = job.data as { tenantId: string };
      tenants.push(tenantId);
      await whenDone?.(tenantId);
    }
    return tenants;
  };

  it('put the file of each tenant before all but one of a tenant with sixty', async () => {
    await Promise.all(Array.from({ length: 60 }, () => upload('storm')));
    await served(5);
    const others = Array.from({ length: 10 }, (_, index) => `other ${index}`);
    for (const tenant of others) await upload(tenant);

    const next = await served(11);

    expect(next.toSorted()).toEqual([...others, 'storm'].toSorted());
  });

  it('give a tenant with many files its share, whoever else goes on sending', async () => {
    await Promise.all(Array.from({ length: 30 }, () => upload('storm')));
    const others = ['a', 'b', 'c'];
    for (const tenant of others) await upload(tenant);

    const tenants = await served(40, async (tenantId) => {
      if (tenantId !== 'storm') await upload(tenantId);
    });

    for (const tenant of ['storm', ...others])
      expect(tenants.filter((one) => one === tenant).length).toBeGreaterThanOrEqual(9);
  });

  it('let the small file of a tenant go before the rest of its large ones', async () => {
    const rows = buildCsv({ rows: 5_000 });
    for (let file = 0; file < 3; file++) await upload('large', rows);
    const small = await upload('large');

    const ids: string[] = [];
    while (!ids.includes(small)) ids.push(String((await deliveries.next())?.data.importId));

    expect(ids.length).toBeLessThanOrEqual(8);
  });

  it('stand before all who come later when they came at once while nothing waited', async () => {
    const first = Array.from({ length: 6 }, (_, index) => `first ${index}`);
    await Promise.all(first.map((tenant) => upload(tenant)));
    for (const tenant of ['later', 'last']) await upload(tenant);

    const next = await served(8);

    expect([next.slice(0, 6).toSorted(), next.slice(6)]).toEqual([first, ['later', 'last']]);
  });

  it('forget where their tenants were once nothing waits', async () => {
    for (let file = 0; file < 10; file++) await upload('earlier');
    await served(10);
    await upload('later');
    await upload('earlier');
    await upload('later');

    expect(await served(3)).toEqual(['later', 'earlier', 'later']);
  });

  it('begin at the first level again before the levels come to their end', async () => {
    const { REDIS_URL = '', QUEUE_PREFIX = '' } = api.variables;
    const redis = new Redis(REDIS_URL);
    const priorities: unknown[] = [];
    for (const highest of [123, 399_999]) {
      await redis.hset(`${QUEUE_PREFIX}:fair-levels`, 'normal', `7 ${highest}`);
      await upload('on and on');
      priorities.push((await deliveries.next())?.opts.priority);
    }
    redis.disconnect();

    expect(priorities).toEqual([1_000_123, 1_000_000]);
  });

  it('count as open until they end, are cancelled, or are undone', async () => {
    const client = api.client({ tenantId: 'counted' });
    const [done, cancelled] = [await upload('counted'), await upload('counted')];
    const stores = await Stores.of(api);
    const open = async () =>
      (await stores.keysThatSay('counted')).filter((key) => key.includes(':open-imports:'));

    const before = await open();
    await client.post(`/api/customer/imports/${cancelled}/cancel`);
    await served(2);
    const ended = await open();
    await client.post(`/api/customer/imports/${done}/undo`);
    const undoing = await open();
    await served(1);

    expect([before.length, ended.length, undoing.length, (await open()).length]).toEqual([1, 0, 1, 0]);
    await stores.close();
  });
});
