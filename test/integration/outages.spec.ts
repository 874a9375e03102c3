import { buildCustomer } from '../factories/customer';
import { NOBODY, READY_WITHIN, readiness, timed, withPort, writesOf } from '../helpers/outage';
import { Stores } from '../helpers/stores';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';

describe('outages: an API', () => {
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

    it.each(['cut', 'freeze'] as const)('does nothing later that it refused during a %s', async (how) => {
      const client = api.client();
      await waitFor(
        'the service',
        () => readiness(api),
        ({ status }) => status === 200,
        READY_WITHIN,
      );
      const stores = await Stores.of({
        variables: { ...api.variables, REDIS_URL: process.env.TEST_REDIS_URL ?? '' },
      });
      const before = await stores.uploadKeys();

      proxy[how]();
      const refused = await Promise.all(writesOf(api).map(([, write]) => write()));
      proxy.restore();
      const later = await waitFor(
        'a write to be accepted again',
        () => client.post('/api/customer', buildCustomer()),
        ({ status }) => status === 202,
        READY_WITHIN,
      );
      const left = (await stores.uploadKeys()).filter((key) => !before.includes(key));
      await stores.close();

      expect(refused.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
      expect(left).toEqual([expect.stringContaining(String(later.body.data.jobId))]);
    });
  });
});
