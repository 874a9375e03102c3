import { buildCustomer } from '../factories/customer';
import { buildCsv } from '../factories/csv';
import { outcomeOf, readCustomer } from '../helpers/customers';
import { NOBODY, READY_WITHIN, readiness, timed, withPort, writesOf } from '../helpers/outage';
import { startTcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForImport } from '../helpers/wait';

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

  describe('all', () => {
    it('is not ready while its worker, to which nobody listens, is not', async () => {
      const variables = { MONGODB_URI: 'mongodb://127.0.0.1:1/none', MONGODB_TIMEOUT_MS: '500' };
      const service = await createTestApp({ role: 'all', variables, awaitReady: false });

      const report = await waitFor(
        'Redis to be there',
        () => readiness(service),
        ({ redis }) => redis === 'up',
      );
      const { body } = await service.client().get('/health/ready');
      await service.close();

      expect(report).toMatchObject({ status: 503, redis: 'up', mongodb: 'down' });
      expect(body).toMatchObject({ ready: false, starting: true, draining: false });
    });
  });

  describe('worker', () => {
    it('serves its health and metrics, and no API route', async () => {
      const worker = await createTestApp({ role: 'worker' });
      const client = worker.client({ roles: ['admin'] });
      const routes = ['/api/customer', `/api/jobs/${NOBODY}`, '/api/queue/health', '/docs', '/admin/queues'];

      const api = await Promise.all(routes.map((route) => client.get(route)));
      const posted = await client.post('/api/customer', buildCustomer());
      const own = ['/health/live', '/health/ready', '/metrics'];
      const health = await Promise.all(own.map((route) => client.get(route)));
      await worker.close();

      expect([...api, posted].map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
      expect(api[0]?.body).toMatchObject({ title: 'Not Found', status: 404, success: false });
      expect(health.map(({ status }) => status)).toEqual([200, 200, 200]);
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
