import { withPort } from '../helpers/outage';
import { Scrape } from '../helpers/scrape';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestRole } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';

/** About a second, and what a busy machine adds. */
const MAX_MS = 1_500;
const queue = 'customer.jobs';

describe.each<TestRole>(['api', 'worker'])('a scrape of the role %s', (role) => {
  let proxy: TcpProxy;

  const start = async (variable: string, source: string, awaitReady = true) => {
    const variables = { [variable]: withPort(process.env[source], proxy.port) };
    return createTestApp({ role, variables, awaitReady });
  };
  const without = (scrape: Scrape) => {
    expect(scrape.status).toBe(200);
    expect(scrape.durationMs).toBeLessThan(MAX_MS);
    expect(scrape.value('insightcrm_redis_up')).toBe(0);
    expect(scrape.value('insightcrm_redis_memory_used_bytes')).toBeUndefined();
    expect(scrape.value('insightcrm_queue_backlog_jobs', { queue })).toBeUndefined();
    expect(scrape.value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
  };

  describe('without Redis', () => {
    beforeEach(async () => {
      proxy = await startTcpProxy(process.env.TEST_REDIS_URL ?? '');
    });

    afterEach(async () => {
      proxy.restore();
      await proxy.close();
    });

    it('says so in time when it was never there', async () => {
      proxy.cut();
      const app = await start('REDIS_URL', 'TEST_REDIS_URL', false);

      const scrape = await Scrape.of(app.url);
      await app.close();

      without(scrape);
    });

    it.each(['freeze', 'cut'] as const)(
      'says so in time after a %s, and has figures when it is back',
      async (fail) => {
        const app = await start('REDIS_URL', 'TEST_REDIS_URL');
        const before = await Scrape.of(app.url);

        proxy[fail]();
        const during = [
          await Scrape.of(app.url),
          ...(await Promise.all([1, 2, 3].map(() => Scrape.of(app.url)))),
        ];
        proxy.restore();
        await waitFor(
          'figures of the queue',
          () => Scrape.of(app.url),
          (scrape) => scrape.value('insightcrm_queue_backlog_jobs', { queue }) === 0,
        );
        await app.close();

        expect(before.value('insightcrm_redis_up')).toBe(1);
        expect(before.value('insightcrm_queue_backlog_jobs', { queue })).toBe(0);
        for (const scrape of during) without(scrape);
      },
    );
  });

  it('says in time that MongoDB hangs, and has all other figures', async () => {
    proxy = await startTcpProxy(process.env.TEST_MONGODB_URI ?? '');
    const app = await start('MONGODB_URI', 'TEST_MONGODB_URI');
    const before = await Scrape.of(app.url);

    proxy.freeze();
    const during = await Scrape.of(app.url);
    proxy.restore();
    await app.close();
    await proxy.close();

    expect(before.value('insightcrm_mongodb_up')).toBe(1);
    expect(during.durationMs).toBeLessThan(MAX_MS);
    expect(during.value('insightcrm_mongodb_up')).toBe(0);
    expect(during.value('insightcrm_mongodb_latency_seconds')).toBeUndefined();
    expect(during.value('insightcrm_queue_backlog_jobs', { queue })).toBe(0);
  });
});
