import { Worker } from 'bullmq';
import { buildCustomer } from '../factories/customer';
import type { Client } from '../helpers/client';
import { EventWatch } from '../helpers/event-watch';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForJob } from '../helpers/wait';

const OPERATOR = { roles: ['operator'], tenantId: 'an operator' };
const OPERATOR_ROUTES = [
  ['GET', '/api/queue/customer.jobs/details'],
  ['POST', '/api/queue/test/job'],
  ['POST', '/api/queue/test/event'],
] as const;
const TOKEN_ROUTES = [
  ['GET', '/api/queue/stats'],
  ['GET', '/api/queue/system-status'],
  ...OPERATOR_ROUTES,
] as const;
const NO_JOBS = { pending: 0, active: 0, delayed: 0, prioritized: 0, completed: 0, failed: 0, total: 0 };

const countsOf = async (client: Client) => (await client.get('/api/queue/stats')).body.data['customer.jobs'];
const detailsOf = async (client: Client) => (await client.get('/api/queue/customer.jobs/details')).body.data;
const consumersOf = async (client: Client) =>
  (await client.get('/api/queue/system-status')).body.data.consumers;

describe('queue routes', () => {
  let app: TestApp;
  let client: Client;

  beforeEach(async () => {
    app = await createTestApp({ role: 'api' });
    client = app.client(OPERATOR);
  });

  afterEach(async () => {
    await app.close();
  });

  const withWorker = async (use: () => Promise<void>): Promise<void> => {
    const worker = await createTestApp({ role: 'worker', variables: app.variables });
    try {
      await use();
    } finally {
      await worker.close();
    }
  };

  /** A job that no version of the service knows. @returns its id */
  const hopelessJob = async (): Promise<string> => {
    const stores = await Stores.of(app);
    const jobId = crypto.randomUUID();
    await stores.queue.add('NO_SUCH_JOB', { tenantId: OPERATOR.tenantId, requestId: 'r' }, { jobId });
    await stores.close();
    return jobId;
  };

  it('tells anyone that Redis answers', async () => {
    const response = await fetch(`${app.url}/api/queue/health`);

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      success: true,
      message: expect.any(String),
      data: {
        status: 'healthy',
        latencyMs: expect.any(Number),
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    });
  });

  it('counts each waiting job once, in the state in which it waits', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();

    for (const query of ['', '?priority=high', '?priority=low', `?runAt=${inAnHour}`])
      await client.post(`/api/customer${query}`, buildCustomer());

    expect(await countsOf(client)).toEqual({ ...NO_JOBS, pending: 2, prioritized: 1, delayed: 1, total: 4 });
  });

  it('counts a job that ended as completed, also with a refusal, and one that was given up as failed', async () => {
    const customer = buildCustomer();

    await withWorker(async () => {
      for (let time = 0; time < 2; time++)
        await waitForJob(client, (await client.post('/api/customer', customer)).body.data.jobId);
      await waitForJob(client, await hopelessJob());
    });

    expect(await countsOf(client)).toEqual({ ...NO_JOBS, completed: 2, failed: 1, total: 3 });
  });

  it('counts a job that a worker has in hand as active', async () => {
    await client.post('/api/customer', buildCustomer());
    const { REDIS_URL = '', QUEUE_PREFIX = '' } = app.variables;
    const hand = new Worker('customer.jobs', null, {
      connection: { url: REDIS_URL },
      prefix: QUEUE_PREFIX,
      autorun: false,
    });
    await hand.getNextJob('a token');

    const counts = await countsOf(client);
    await hand.close(true);

    expect(counts).toEqual({ ...NO_JOBS, active: 1, total: 1 });
  });

  it('shows servers, queues and consumers at a glance, to any token', async () => {
    const answer = await waitFor(
      'MongoDB to be connected',
      () => app.client().get('/api/queue/system-status'),
      ({ body }) => body.data.mongodb.status === 'connected',
    );

    expect(answer.status).toBe(200);
    expect(answer.body.data).toEqual({
      redis: {
        status: 'healthy',
        problems: [],
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
        usedMemory: expect.any(Number),
        maxMemory: expect.any(Number),
        persistence: expect.stringMatching(/^(aof|rdb|aof\+rdb|none)$/),
        appendfsync: expect.stringMatching(/^(everysec|always|no)$/),
        evictionPolicy: 'noeviction',
      },
      mongodb: { status: 'connected' },
      queues: { 'customer.jobs': NO_JOBS, 'maintenance.jobs': NO_JOBS, 'webhook.deliveries': NO_JOBS },
      consumers: { customer: 'stopped', maintenance: 'stopped', webhook: 'stopped', workers: 0 },
    });
    expect(answer.body.data.redis.usedMemory).toBeGreaterThan(0);
  });

  it('says that consumers run while a worker is there, and counts each worker once', async () => {
    await withWorker(() =>
      withWorker(async () => {
        expect(await consumersOf(client)).toEqual({
          customer: 'running',
          maintenance: 'running',
          webhook: 'running',
          workers: 2,
        });
      }),
    );

    await waitFor(
      'the workers to be gone',
      () => consumersOf(client),
      ({ customer, workers }) => customer === 'stopped' && workers === 0,
    );
  });

  it('does not take the worker of another service on the same Redis for its own', async () => {
    const stranger = await createTestApp({ role: 'worker' });

    const consumers = await consumersOf(client);
    await stranger.close();

    expect(consumers).toEqual({
      customer: 'stopped',
      maintenance: 'stopped',
      webhook: 'stopped',
      workers: 0,
    });
  });

  it('queues a test job that a worker really runs', async () => {
    const accepted = await client.post('/api/queue/test/job');
    const { jobId } = accepted.body.data;
    const before = await client.get(`/api/jobs/${jobId}`);
    await withWorker(async () => {
      await waitForJob(client, jobId);
    });

    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('location')).toBe(`/api/jobs/${jobId}`);
    expect(before.body.data).toMatchObject({ status: 'queued', result: null });
    expect((await client.get(`/api/jobs/${jobId}`)).body.data).toMatchObject({
      type: 'TEST_QUEUE',
      status: 'completed',
      result: { host: expect.any(String), pid: process.pid },
    });
  });

  it('publishes a test event that a subscriber gets', async () => {
    const watch = await EventWatch.on(app);

    const answer = await client.post('/api/queue/test/event', { message: 'Anybody there?' });
    const isOurs = ({ id }: { id: string }) => id === answer.body.data.eventId;
    const [event] = await waitFor(
      'the event',
      () => Promise.resolve(watch.types('customer.queue.test').filter(isOurs)),
      (events) => events.length > 0,
    );
    await watch.close();

    expect(answer.status).toBe(202);
    expect(answer.body.data.channel).toBe('customer.events');
    expect(answer.body.data.receivers).toBeGreaterThanOrEqual(1);
    expect(event).toMatchObject({
      specversion: '1.0',
      data: { message: 'Anybody there?', userId: 'user-1' },
    });
  });

  it('publishes a test event without being told what to say', async () => {
    expect((await client.post('/api/queue/test/event')).status).toBe(202);
  });

  it.each([
    ['a number', { message: 5 }],
    ['nothing', { message: '' }],
    ['too much', { message: 'x'.repeat(201) }],
    ['an unknown field', { text: 'x' }],
    ['a list', []],
  ])('refuses to publish %s', async (_, body) => {
    const answer = await client.post('/api/queue/test/event', body);

    expect(answer.status).toBe(400);
    expect(answer.body.errors).toHaveLength(1);
  });

  it('looks into a queue: times, throughput, failures and workers, and no payloads', async () => {
    const customer = buildCustomer();

    await withWorker(async () => {
      const accepted = [(await client.post('/api/customer', customer)).body.data.jobId];
      for (let time = 0; time < 2; time++) accepted.push(await hopelessJob());
      for (const jobId of accepted) await waitForJob(client, jobId);
      const details = await detailsOf(client);

      const times = { p50: expect.any(Number), p95: expect.any(Number), p99: expect.any(Number), jobs: 3 };
      expect(details).toMatchObject({
        queue: 'customer.jobs',
        paused: false,
        counts: { ...NO_JOBS, completed: 1, failed: 2, total: 3 },
        throughput: { completed: { lastHour: 1 }, failed: { lastHour: 2 } },
        waitMs: times,
        runMs: times,
        oldestWaitingAgeMs: null,
      });
      expect(details.runMs.p50).toBeLessThan(5_000);
      expect(details.recentFailures).toHaveLength(2);
      expect(details.recentFailures[0]).toEqual({
        jobId: expect.any(String),
        type: 'NO_SUCH_JOB',
        reason: 'No handler for job NO_SUCH_JOB',
        attempts: 1,
        failedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      });
      expect(details.workers).toEqual([
        expect.objectContaining({ address: expect.stringContaining(':'), ageSeconds: expect.any(Number) }),
      ]);
      expect(JSON.stringify(details)).not.toContain(customer.email);
    });
  });

  it('tells for how long the oldest ready job has waited, however it waits', async () => {
    await client.post('/api/customer?priority=low', buildCustomer());
    const aMoment = await waitFor(
      'the job to be a moment old',
      () => detailsOf(client),
      ({ oldestWaitingAgeMs }) => oldestWaitingAgeMs >= 100,
    );
    await client.post('/api/customer', buildCustomer());

    expect((await detailsOf(client)).oldestWaitingAgeMs).toBeGreaterThanOrEqual(aMoment.oldestWaitingAgeMs);
  });

  it('does not count a job that is planned for later as waiting', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();

    await client.post(`/api/customer?runAt=${inAnHour}`, buildCustomer());

    expect((await detailsOf(client)).oldestWaitingAgeMs).toBeNull();
  });

  it('does not know a queue that is not there', async () => {
    const answer = await client.get('/api/queue/customer.nothing/details');

    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
  });

  it.each(TOKEN_ROUTES)('asks for a token: %s %s', async (method, path) => {
    expect((await fetch(app.url + path, { method })).status).toBe(401);
  });

  it.each(OPERATOR_ROUTES)('is for operators only: %s %s', async (method, path) => {
    expect((await app.client({ roles: ['user'] }).fetch(path, { method })).status).toBe(403);
    expect((await app.client({ roles: ['admin'] }).fetch(path, { method })).status).toBeLessThan(300);
  });
});
