import type { Client } from '../helpers/client';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';

const REDIS_ROUTES = [
  ['GET', '/api/queue/health'],
  ['GET', '/api/queue/stats'],
  ['GET', '/api/queue/customer.jobs/details'],
  ['POST', '/api/queue/test/job'],
  ['POST', '/api/queue/test/event'],
] as const;

describe('queue routes without Redis', () => {
  let redis: TcpProxy;
  let app: TestApp;
  let client: Client;

  beforeEach(async () => {
    redis = await startTcpProxy(process.env.TEST_REDIS_URL ?? '');
  });

  afterEach(async () => {
    redis.restore();
    await app.close();
    await redis.close();
  });

  const start = async (awaitReady: boolean) => {
    const variables = { REDIS_URL: `redis://127.0.0.1:${redis.port}` };
    app = await createTestApp({ role: 'api', variables, awaitReady });
    client = app.client({ roles: ['operator'] });
  };

  const expectRefusals = async () => {
    for (const [method, path] of REDIS_ROUTES) {
      const askedAt = performance.now();
      const answer = await client.fetch(path, { method });

      expect([path, answer.status]).toEqual([path, 503]);
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(performance.now() - askedAt).toBeLessThan(1_200);
    }
  };

  const expectStatus = async () => {
    const answer = await client.get('/api/queue/system-status');

    expect(answer.status).toBe(200);
    expect(answer.body.data).toMatchObject({
      redis: { status: 'unhealthy', usedMemory: null, persistence: null },
      mongodb: { status: 'connected' },
      queues: {},
      consumers: { customer: 'stopped', webhook: 'stopped', workers: 0 },
    });
  };

  it('answer at once, and say what is broken, when it was never there', async () => {
    redis.cut();
    await start(false);

    await expectRefusals();
    await waitFor(
      'MongoDB to be connected',
      async () => (await client.get('/api/queue/system-status')).body.data.mongodb.status,
      (status) => status === 'connected',
    );
    await expectStatus();
  });

  it('answer in time when it hangs, and are well again with it', async () => {
    await start(true);

    redis.freeze();
    await expectRefusals();
    await expectStatus();
    redis.restore();

    await waitFor(
      'Redis to be healthy',
      async () => (await client.get('/api/queue/health')).status,
      (status) => status === 200,
    );
  });

  it('say that MongoDB is away without failing with it', async () => {
    const variables = { MONGODB_URI: 'mongodb://127.0.0.1:1/nothing' };
    app = await createTestApp({ role: 'api', variables, awaitReady: false });
    const { url } = app;
    await waitFor(
      'the API',
      () => fetch(`${url}/health/ready`),
      ({ status }) => status === 200,
    );

    const answer = await app.client().get('/api/queue/system-status');

    expect(answer.body.data).toMatchObject({
      redis: { status: 'healthy' },
      mongodb: { status: 'disconnected' },
    });
  });
});
