import { buildCustomer } from '../factories/customer';
import { buildCsv } from '../factories/csv';
import { outcomeOf, readCustomer } from '../helpers/customers';
import type { Answer } from '../helpers/client';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForImport } from '../helpers/wait';

const READY_WITHIN = { timeoutMs: 10_000 };
const visit = { spent: 1, visits: 1, at: '2026-01-31T12:00:00Z' };
const NOBODY = '00000000-0000-7000-8000-000000000000';

/** Every write there is. */
const writesOf = (app: TestApp): [string, () => Promise<Answer>][] => {
  const client = app.client();
  return [
    ['create', () => client.post('/api/customer', buildCustomer())],
    ['change', () => client.patch(`/api/customer/${NOBODY}`, { name: 'X' })],
    ['delete', () => client.delete(`/api/customer/${NOBODY}`)],
    ['visit', () => client.post(`/api/customer/${NOBODY}/stats`, visit)],
    ['upload', () => client.upload(buildCsv({ rows: 3 }))],
  ];
};
const timed = async (request: () => Promise<Answer>) => {
  const startedAt = performance.now();
  const { status, headers, body } = await request();
  return { status, retryAfter: headers.get('retry-after'), body, durationMs: performance.now() - startedAt };
};
const readiness = async (app: TestApp) => {
  const { status, body } = await app.client().get('/health/ready');
  return { status, ...(body.checks ?? {}) };
};
const withPort = (url: string | undefined, port: number): string => {
  const changed = new URL(url ?? '');
  changed.port = String(port);
  // A proxy is one node: the driver must not look for the others by their own address.
  if (changed.protocol === 'mongodb:') changed.search = '?directConnection=true';
  return changed.href;
};

describe('roles', () => {
  describe('api alone', () => {
    it('accepts writes, which wait until a worker is started and persists them', async () => {
      const api = await createTestApp({ role: 'api' });
      const client = api.client();
      const created = await client.post('/api/customer', buildCustomer({ name: 'Created' }));
      const { customerId, jobId } = created.body.data;
      const changed = await client.patch(`/api/customer/${customerId}`, { name: 'Changed' });
      const uploaded = await client.upload(buildCsv({ rows: 10 }));
      const waiting = await client.get(`/api/jobs/${jobId}`);
      const read = await client.get(`/api/customer/${customerId}`);

      const worker = await createTestApp({ role: 'worker', variables: api.variables });
      await outcomeOf(client, changed);
      const imported = await waitForImport(client, uploaded.body.data.importId);
      const name = (await readCustomer(client, customerId)).name;
      await worker.close();
      await api.close();

      expect(waiting.body.data).toMatchObject({ status: 'queued', attempts: 0, startedAt: null });
      expect(read.status).toBe(404);
      expect(name).toBe('Changed');
      expect(imported.counts).toMatchObject({ created: 10 });
    });

    describe('without MongoDB', () => {
      let api: TestApp;

      beforeAll(async () => {
        const variables = { MONGODB_URI: 'mongodb://127.0.0.1:1/none', MONGODB_TIMEOUT_MS: '500' };
        api = await createTestApp({ role: 'api', variables, awaitReady: false });
        await waitFor(
          'the service',
          () => readiness(api),
          ({ status }) => status === 200,
        );
      });

      afterAll(async () => {
        await api.close();
      });

      it('is ready, and accepts every write', async () => {
        const answers = await Promise.all(writesOf(api).map(([, write]) => write()));

        expect(await readiness(api)).toMatchObject({ status: 200, redis: 'up' });
        expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
      });

      it.each(['/api/customer', `/api/customer/${NOBODY}`])('answers the read %s with 503', async (path) => {
        const { status, retryAfter, body, durationMs } = await timed(() => api.client().get(path));

        expect({ status, body }).toMatchObject({
          status: 503,
          body: { title: 'Service Unavailable', status: 503, success: false, requestId: expect.any(String) },
        });
        expect(Number(retryAfter)).toBeGreaterThan(0);
        expect(durationMs).toBeLessThan(2_000);
      });

      it('answers what is read from Redis', async () => {
        const client = api.client();
        const { body } = await client.upload(buildCsv({ rows: 3 }));

        expect((await client.get(`/api/jobs/${body.data.jobId}`)).status).toBe(200);
        expect((await client.get('/api/customer/imports')).status).toBe(200);
      });
    });
  });

  describe('without Redis', () => {
    let api: TestApp;

    beforeAll(async () => {
      const variables = { REDIS_URL: 'redis://127.0.0.1:1', RATE_LIMIT_PER_MINUTE: '1000' };
      api = await createTestApp({ role: 'api', variables, awaitReady: false });
    });

    afterAll(async () => {
      await api.close();
    });

    it.each(['create', 'change', 'delete', 'visit', 'upload'])(
      'answers a %s with 503 at once',
      async (name) => {
        const write = writesOf(api).find(([known]) => known === name)?.[1];

        const { status, retryAfter, body, durationMs } = await timed(
          write ?? (() => Promise.reject(new Error())),
        );

        expect({ status, body }).toMatchObject({
          status: 503,
          body: { title: 'Service Unavailable', status: 503, success: false, requestId: expect.any(String) },
        });
        expect(Number(retryAfter)).toBeGreaterThan(0);
        expect(durationMs).toBeLessThan(1_200);
      },
    );

    it('answers reads of customers all the same', async () => {
      const read = () => timed(() => api.client().get('/api/customer'));
      await waitFor('MongoDB', read, ({ status }) => status === 200);

      const { status, durationMs } = await read();

      expect(status).toBe(200);
      expect(durationMs).toBeLessThan(1_200);
    });

    it('answers reads of jobs and imports with 503', async () => {
      const answers = await Promise.all([
        timed(() => api.client().get(`/api/jobs/${NOBODY}`)),
        timed(() => api.client().get('/api/customer/imports')),
      ]);

      expect(answers.map(({ status }) => status)).toEqual([503, 503]);
      for (const { retryAfter } of answers) expect(Number(retryAfter)).toBeGreaterThan(0);
    });

    it('is live but not ready', async () => {
      expect((await api.client().get('/health/live')).status).toBe(200);
      expect(await readiness(api)).toMatchObject({ status: 503, redis: 'down' });
    });
  });

  describe('with a Redis that goes away and comes back', () => {
    let proxy: TcpProxy;
    let api: TestApp;

    beforeAll(async () => {
      const url = process.env.TEST_REDIS_URL;
      proxy = await startTcpProxy(url ?? '');
      const variables = { REDIS_URL: withPort(url, proxy.port), RATE_LIMIT_PER_MINUTE: '1000' };
      api = await createTestApp({ role: 'api', variables });
    });

    afterEach(() => {
      proxy.restore();
    });

    afterAll(async () => {
      await api.close();
      await proxy.close();
    });

    it.each(['cut', 'freeze'] as const)(
      'answers 503 in time after a %s, and is well again after it',
      async (how) => {
        const client = api.client();
        await waitFor(
          'the service',
          () => readiness(api),
          ({ status }) => status === 200,
          READY_WITHIN,
        );

        proxy[how]();
        const lost = await timed(() => client.post('/api/customer', buildCustomer()));
        const during = await readiness(api);
        proxy.restore();
        await waitFor(
          'the service',
          () => readiness(api),
          ({ status }) => status === 200,
          READY_WITHIN,
        );
        const { status } = await client.post('/api/customer', buildCustomer());

        expect({ ...lost, durationMs: 0 }).toMatchObject({
          status: 503,
          retryAfter: expect.stringMatching(/^\d+$/),
        });
        expect(lost.durationMs).toBeLessThan(1_200);
        expect(during).toMatchObject({ status: 503, redis: 'down' });
        expect(status).toBe(202);
      },
    );
  });

  describe('worker', () => {
    it('serves its health and no API route', async () => {
      const worker = await createTestApp({ role: 'worker' });
      const client = worker.client({ roles: ['admin'] });
      const routes = ['/api/customer', `/api/jobs/${NOBODY}`, '/api/queue/health', '/docs', '/admin/queues'];

      const api = await Promise.all(routes.map((route) => client.get(route)));
      const posted = await client.post('/api/customer', buildCustomer());
      const health = await Promise.all([client.get('/health/live'), client.get('/health/ready')]);
      await worker.close();

      expect([...api, posted].map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
      expect(api[0]?.body).toMatchObject({ title: 'Not Found', status: 404, success: false });
      expect(health.map(({ status }) => status)).toEqual([200, 200]);
    });

    it('needs no key for tokens', async () => {
      const worker = await createTestApp({ role: 'worker', variables: { JWT_SECRET: '' } });

      const { status } = await readiness(worker);
      await worker.close();

      expect(status).toBe(200);
    });

    it.each([
      ['Redis', 'TEST_REDIS_URL', 'REDIS_URL', 'redis'],
      ['MongoDB', 'TEST_MONGODB_URI', 'MONGODB_URI', 'mongodb'],
    ])('is not ready while %s is away, and again when it is back', async (_, source, variable, check) => {
      const proxy = await startTcpProxy(process.env[source] ?? '');
      const variables = { [variable]: withPort(process.env[source], proxy.port), MONGODB_TIMEOUT_MS: '500' };
      const worker = await createTestApp({ role: 'worker', variables });

      proxy.cut();
      const away = await waitFor(
        '503',
        () => readiness(worker),
        ({ status }) => status === 503,
        READY_WITHIN,
      );
      const live = await worker.client().get('/health/live');
      proxy.restore();
      const back = await waitFor(
        '200',
        () => readiness(worker),
        ({ status }) => status === 200,
        READY_WITHIN,
      );
      await worker.close();
      await proxy.close();

      expect(away).toMatchObject({ [check]: 'down' });
      expect(live.status).toBe(200);
      expect(back).toMatchObject({ redis: 'up', mongodb: 'up' });
    });
  });
});
