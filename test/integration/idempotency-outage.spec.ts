import { randomUUID } from 'node:crypto';
import { buildCustomer } from '../factories/customer';
import { untilAccepted, withKey } from '../helpers/keyed-writes';
import { timed } from '../helpers/outage';
import { Stores } from '../helpers/stores';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';

const create = () => ['POST', '/api/customer', buildCustomer()] as const;

describe('Idempotency-Key with a Redis that fails under way', () => {
  let proxy: TcpProxy;
  let api: TestApp;
  let stores: Stores;

  beforeAll(async () => {
    proxy = await startTcpProxy(process.env.TEST_REDIS_URL ?? '');
    api = await createTestApp({ role: 'api', variables: { REDIS_URL: `redis://127.0.0.1:${proxy.port}` } });
    const direct = { ...api.variables, REDIS_URL: process.env.TEST_REDIS_URL ?? '' };
    stores = await Stores.of({ variables: direct });
  });

  afterEach(() => {
    proxy.restore();
  });

  afterAll(async () => {
    await stores.close();
    await api.close();
    await proxy.close();
  });

  it.each<[string, string, { lost: boolean; queued: boolean }]>([
    ['took the job and did not answer', 'CREATE_CUSTOMER', { lost: false, queued: true }],
    ['did not get the job', 'CREATE_CUSTOMER', { lost: true, queued: false }],
    ['claimed the key and did not answer', 'idempotency', { lost: false, queued: false }],
  ])('makes a retry safe when it %s', async (_, text, { lost, queued }) => {
    const tenantId = newTenant();
    const client = api.client({ tenantId });
    const key = randomUUID();
    const write = create();
    const jobsOf = async () =>
      (await stores.queue.getJobs(['waiting', 'prioritized'])).filter(
        ({ data }) => data.tenantId === tenantId,
      );

    proxy.breakAt(text, { lost });
    const refused = await timed(() => withKey(client, key, write));
    const before = await jobsOf();
    proxy.restore();
    const accepted = await untilAccepted(() => withKey(client, key, write));

    expect(refused.status).toBe(503);
    expect(refused.durationMs).toBeLessThan(1_200);
    expect(refused.body.detail).toContain('Idempotency-Key');
    expect(before).toHaveLength(queued ? 1 : 0);
    const after = await jobsOf();
    expect(after.map(({ id }) => id)).toEqual([accepted.body.data.jobId]);
    if (queued) expect(after[0]?.id).toBe(before[0]?.id);
  });

  it('accepts a write whose answer could not be kept: the work is queued', async () => {
    const client = api.client();
    const key = randomUUID();
    const write = create();

    proxy.breakAt('"location":"/api/jobs/', { lost: true });
    const first = await timed(() => withKey(client, key, write));
    proxy.restore();
    const again = await untilAccepted(() => withKey(client, key, write));

    expect(first.status).toBe(202);
    expect(first.durationMs).toBeLessThan(1_200);
    expect(again.body).toEqual(first.body);
  });
});
