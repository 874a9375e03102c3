import { buildCustomer } from '../factories/customer';
import { ADMIN_PASSWORD } from '../helpers/environment';
import { startTcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForJob } from '../helpers/wait';

const OVERVIEW = '/admin/api/overview';

describe('the overview', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp();
  });

  afterAll(async () => {
    await app.close();
  });

  const authorization = `Basic ${Buffer.from(`admin:${ADMIN_PASSWORD}`).toString('base64')}`;
  const read = async (url = app.url, path = OVERVIEW) => {
    const answer = await fetch(url + path, { headers: { authorization } });
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look at answers as a client gets them
    return { status: answer.status, data: ((await answer.json()) as any).data };
  };
  const whats = ({ data }: Awaited<ReturnType<typeof read>>): string[] =>
    data.troubles.map(({ what }: { what: string }) => what);

  it('tells of queues, workers and servers, and that all is well', async () => {
    const client = app.client();
    await waitForJob(client, (await client.post('/api/customer', buildCustomer())).body.data.jobId);

    const { data } = await waitFor(
      'the worker to tell of itself',
      read,
      (seen) => seen.data.workers.length > 0,
    );

    expect(data.queues.find(({ name }: { name: string }) => name === 'customer.jobs')).toMatchObject({
      paused: false,
      depth: { waiting: 0, active: 0, delayed: 0, failed: 0, completedEver: 1, failedEver: 0 },
      waitMs: { p50: expect.any(Number), p95: expect.any(Number), p99: expect.any(Number) },
      workers: 1,
    });
    expect(data.workers).toEqual([
      expect.objectContaining({
        pid: process.pid,
        version: expect.stringMatching(/^\d+\./),
        concurrency: 8,
        memory: expect.any(Number),
      }),
    ]);
    expect(data.redis).toMatchObject({ usedMemory: expect.any(Number), latencyMs: expect.any(Number) });
    expect(data.mongodb.latencyMs).toBeGreaterThanOrEqual(0);
    expect(data.troubles.filter(({ severity }: { severity: string }) => severity === 'critical')).toEqual([]);
  });

  it('has samples of the last hour', async () => {
    const { data } = await waitFor(
      'a sample',
      () => read(app.url, `${OVERVIEW}/hour`),
      // The first may have come before MongoDB answered.
      (hour) => hour.data.some(({ mongoMs }: { mongoMs: number | null }) => mongoMs !== null),
    );

    expect(data.at(-1)).toMatchObject({
      queues: { 'customer.jobs': { waiting: 0 } },
      mongoMs: expect.any(Number),
    });
  });

  it('says that a queue with work has no worker', async () => {
    const api = await createTestApp({ role: 'api' });
    await api.client().post('/api/customer', buildCustomer());

    const seen = await read(api.url);
    await api.close();

    expect(seen.data.troubles[0]).toMatchObject({
      severity: 'critical',
      what: 'customer.jobs has no worker',
    });
  });

  it('says that MongoDB does not answer, and still all the rest', async () => {
    const mongo = await startTcpProxy(process.env.TEST_MONGODB_URI ?? '');
    mongo.cut();
    const cut = await createTestApp({
      role: 'api',
      variables: {
        MONGODB_URI: `mongodb://127.0.0.1:${mongo.port}/x?directConnection=true`,
        MONGODB_TIMEOUT_MS: '300',
      },
      awaitReady: false,
    });

    const seen = await waitFor(
      'Redis to be read',
      () => read(cut.url),
      ({ data }) => data.queues.length > 0,
    );
    await cut.close();
    await mongo.close();

    expect(whats(seen)).toContain('MongoDB does not answer');
  });

  it('says that Redis does not answer, at once', async () => {
    const redis = await startTcpProxy(process.env.TEST_REDIS_URL ?? '');
    redis.cut();
    const cut = await createTestApp({
      role: 'api',
      variables: { REDIS_URL: `redis://127.0.0.1:${redis.port}` },
      awaitReady: false,
    });

    const seen = await read(cut.url);
    await cut.close();
    await redis.close();

    expect(seen).toMatchObject({ status: 200, data: { redis: { status: 'unhealthy' }, queues: [] } });
    expect(whats(seen)[0]).toBe('Redis does not answer');
  });

  it('forgets a worker that left in good order', async () => {
    const worker = await createTestApp({ role: 'worker', variables: app.variables });
    await waitFor('two workers', read, ({ data }) => data.workers.length === 2);

    await worker.close();

    expect((await read()).data.workers).toHaveLength(1);
  });
});
