import { buildCustomer } from '../factories/customer';
import { startOwnRedis } from '../helpers/own-redis';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { timed } from '../helpers/outage';
import { waitFor } from '../helpers/wait';

const create = (app: TestApp) => timed(() => app.client().post('/api/customer', buildCustomer()));

describe('a write that is answered 202', () => {
  it('is on the disk when ACK_DURABILITY is fsync: it waits for it, and all that wait share one wait', async () => {
    const redis = await startOwnRedis({ appendfsync: 'everysec' });
    const variables = { REDIS_URL: redis.url, ACK_DURABILITY: 'fsync' };
    const app = await createTestApp({ role: 'api', variables });
    const rounds = () =>
      redis.ask(async (admin) =>
        Number(/cmdstat_waitaof:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0),
      );
    await create(app);
    const before = await rounds();

    const answers = await Promise.all(Array.from({ length: 200 }, () => create(app)));
    const needed = (await rounds()) - before;
    await app.close();

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(needed).toBeGreaterThan(0);
    // One each, were they not shared.
    expect(needed).toBeLessThan(150);
  });

  it('costs nothing when it is aof', async () => {
    const redis = await startOwnRedis();
    const app = await createTestApp({ role: 'api', variables: { REDIS_URL: redis.url } });

    await create(app);
    const stats = await redis.ask((admin) => admin.info('commandstats'));
    await app.close();

    expect(stats).not.toContain('waitaof');
  });

  it('is no 202 but a 503 that says so when the disk does not follow in time', async () => {
    const redis = await startOwnRedis({ appendfsync: 'everysec' });
    const variables = { REDIS_URL: redis.url, ACK_DURABILITY: 'fsync' };
    const app = await createTestApp({ role: 'api', variables });
    await create(app);
    await redis.ask((admin) => admin.config('SET', 'appendfsync', 'no'));

    const { status, body, retryAfter, durationMs } = await create(app);
    await app.close();

    expect(status).toBe(503);
    expect(body.detail).toMatch(/Idempotency-Key/);
    expect(retryAfter).toMatch(/^\d+$/);
    expect(durationMs).toBeLessThan(3_000);
  });

  describe('with ACK_DURABILITY=replica', () => {
    const ACK_DURABILITY = 'replica';

    it('is in the memory of a replica', async () => {
      const [redis, replica] = await Promise.all([startOwnRedis(), startOwnRedis()]);
      await replica.ask((admin) => admin.replicaof('127.0.0.1', redis.port));
      const app = await createTestApp({ role: 'api', variables: { REDIS_URL: redis.url, ACK_DURABILITY } });
      await waitFor(
        'the replica to follow',
        () => create(app),
        ({ status }) => status === 202,
      );

      const { body } = await create(app);
      await redis.kill();
      const stored = await replica.ask((admin) => admin.keys(`*:customer.jobs:${body.data.jobId}`));
      await app.close();

      expect(stored).toHaveLength(1);
    });

    it('is no 202 but a 503 that says so while there is none', async () => {
      const redis = await startOwnRedis();
      const app = await createTestApp({ role: 'api', variables: { REDIS_URL: redis.url, ACK_DURABILITY } });

      const { status, body, durationMs } = await create(app);
      await app.close();

      expect([status, body.detail]).toEqual([503, expect.stringMatching(/Idempotency-Key/)]);
      expect(durationMs).toBeLessThan(3_000);
    });
  });
});
