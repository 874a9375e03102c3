import { buildCustomer } from '../factories/customer';
import { readiness, writesOf } from '../helpers/outage';
import { startOwnRedis, type OwnRedis } from '../helpers/own-redis';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForJob } from '../helpers/wait';

const redisOf = async (app: TestApp) => (await app.client().get('/api/queue/system-status')).body.data.redis;

describe('a Redis that runs out of memory', () => {
  let redis: OwnRedis;
  let app: TestApp;

  beforeEach(async () => {
    redis = await startOwnRedis();
    app = await createTestApp({ role: 'api', variables: { REDIS_URL: redis.url } });
  });

  afterEach(async () => {
    await app.close();
  });

  const setMaxMemory = (bytes: number) => redis.ask((admin) => admin.config('SET', 'maxmemory', bytes));
  const usedMemory = () =>
    redis.ask(async (admin) => Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1]));

  it('makes every write 503, is told as degraded, and loses nothing of what was queued', async () => {
    const client = app.client();
    const accepted = await client.post('/api/customer', buildCustomer());
    await setMaxMemory(1);

    const refused = await Promise.all(writesOf(app).map(([, write]) => write()));
    const degraded = await redisOf(app);
    const ready = await readiness(app);
    await setMaxMemory(0);
    const worker = await createTestApp({ role: 'worker', variables: app.variables });
    const job = await waitForJob(client, accepted.body.data.jobId);
    const later = await waitFor(
      'writes to be accepted again',
      () => client.post('/api/customer', buildCustomer()),
      ({ status }) => status === 202,
    );
    const healthy = await redisOf(app);
    await worker.close();

    expect(refused.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
    for (const { headers } of refused) expect(headers.get('retry-after')).toMatch(/^\d+$/);
    expect(degraded).toMatchObject({
      status: 'degraded',
      problems: [expect.stringMatching(/out of memory/)],
    });
    expect(ready.status).toBe(200);
    expect(job.status).toBe('completed');
    expect(later.status).toBe(202);
    expect(healthy).toMatchObject({ status: 'healthy', problems: [] });
  });

  it('is told before it refuses anything', async () => {
    await setMaxMemory(Math.round((await usedMemory()) / 0.93));

    expect(await redisOf(app)).toMatchObject({
      status: 'degraded',
      problems: [expect.stringMatching(/^Redis uses 9\d % of its memory/)],
    });
  });

  it('leaves the last of it to workers: what is queued drains while nothing new is accepted', async () => {
    const client = app.client();
    const accepted = await client.post('/api/customer', buildCustomer());
    await redis.ask((admin) => admin.set('ballast', Buffer.alloc(60 * 1024 * 1024)));
    await setMaxMemory(Math.round((await usedMemory()) / 0.97));
    const other = await createTestApp({ role: 'api', variables: app.variables });

    const refused = await waitFor(
      'writes to be refused',
      () => other.client().post('/api/customer', buildCustomer()),
      ({ status }) => status === 503,
    );
    const worker = await createTestApp({ role: 'worker', variables: app.variables });
    const job = await waitForJob(client, accepted.body.data.jobId);
    await redis.ask((admin) => admin.del('ballast'));
    const later = await waitFor(
      'writes to be accepted again',
      () => other.client().post('/api/customer', buildCustomer()),
      ({ status }) => status === 202,
    );
    await worker.close();
    await other.close();

    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(job.status).toBe('completed');
    expect(later.status).toBe(202);
  });
});
