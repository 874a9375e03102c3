import { buildCustomer } from '../factories/customer';
import { closing } from '../helpers/closing';
import { startCrowdedProxy } from '../helpers/crowded-proxy';
import { withPort } from '../helpers/outage';
import { Scrape } from '../helpers/scrape';
import { Stores } from '../helpers/stores';
import { startTcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';

const LOOK_EVERY_MS = 400;
/** From the database, of every command: most of what a job takes. */
const USUAL_MS = 20;
/** Jobs that wait for a worker whose hands are full. */
const MANY = 100;
/** Jobs after which a worker knows what is usual. */
const LEARNED_AFTER = 300;
const BLOCK_MS = 700;
/** Jobs at once that are clearly fewer. */
const FALLEN = 4;
const WITHIN = { timeoutMs: 40_000 };
/** Where others load the machine, the first count may tell of them; it is tried again after 60 looks, and once more. */
const FOUND_WITHIN = { timeoutMs: 90_000 };
const LIMIT = 'insightcrm_worker_concurrency';
const DONE = 'insightcrm_jobs_processed_total';
const CHANGES = 'insightcrm_worker_concurrency_changes_total';

describe('the number of jobs that a worker runs at once', () => {
  let api: TestApp;

  beforeAll(async () => {
    api = await createTestApp({ role: 'api' });
  });

  const startWorker = async (variables: Record<string, string> = {}) => {
    const worker = await createTestApp({
      role: 'worker',
      variables: { ...api.variables, WORKER_LOOK_EVERY_MS: String(LOOK_EVERY_MS), ...variables },
    });
    const read = async (name: string, labels = {}) => (await Scrape.of(worker.url)).value(name, labels) ?? 0;
    const changes = (reason: string) => read(CHANGES, { reason });
    const limitToBe = (wanted: number) =>
      waitFor(
        `${wanted} jobs at once`,
        () => read(LIMIT),
        (seen) => seen === wanted,
        WITHIN,
      );
    const limitToFall = () =>
      waitFor(
        'fewer jobs at once',
        () => read(LIMIT),
        (seen) => seen <= FALLEN,
        WITHIN,
      );
    const done = (jobs: number) =>
      waitFor(
        `${jobs} jobs to be done`,
        () => read(DONE, { outcome: 'completed' }),
        (seen) => seen >= jobs,
        WITHIN,
      );
    const ready = async () => (await fetch(`${worker.url}/health/ready`)).status;
    return { changes, limitToBe, limitToFall, done, ready, close: () => worker.close() };
  };
  const startProxy = async () => {
    const proxy = await startCrowdedProxy(api.variables.MONGODB_URI ?? '');
    proxy.distance(USUAL_MS);
    const close = closing(() => proxy.close());
    return { proxy, close, MONGODB_URI: withPort(api.variables.MONGODB_URI, proxy.port) };
  };
  /** Keeps a worker's hands full. @returns what ends that */
  const work = async () => {
    const client = api.client();
    const { queue, close } = await Stores.of(api);
    let isOver = false;
    const feed = async () => {
      while (!isOver) {
        await Promise.all(Array.from({ length: MANY }, () => client.post('/api/customer', buildCustomer())));
        await waitFor(
          'fewer jobs to wait',
          () => queue.getWaitingCount(),
          (count) => isOver || count < MANY,
          WITHIN,
        );
      }
    };
    const fed = feed();
    return async () => {
      isOver = true;
      await fed;
      await queue.drain();
      await close();
    };
  };

  it('falls while the database is slow for the crowd, and comes back', async () => {
    const { proxy, close: closeProxy, MONGODB_URI } = await startProxy();
    const { limitToBe, limitToFall, done, changes, close } = await startWorker({ MONGODB_URI });
    const end = await work();
    await done(LEARNED_AFTER);

    // How far it falls, and for how long, is the controller's: here the machine's own load has a say in that.
    proxy.crowd(3 * USUAL_MS);
    await limitToFall();
    proxy.distance(USUAL_MS);
    await limitToBe(8);

    expect(await changes('database')).toBeGreaterThan(0);
    await end();
    await close();
    await closeProxy();
  }, 90_000);

  it('is what it was again after the database moved away, where fewer jobs would get less done', async () => {
    const { proxy, close: closeProxy, MONGODB_URI } = await startProxy();
    const { limitToBe, done, changes, close } = await startWorker({ MONGODB_URI });
    const end = await work();
    await done(LEARNED_AFTER);

    proxy.distance(20 * USUAL_MS);
    await waitFor(
      'the distance to be seen',
      () => changes('distance'),
      (seen) => seen > 0,
      FOUND_WITHIN,
    );
    await limitToBe(8);

    expect(await changes('recovered')).toBe(0);
    await end();
    await close();
    await closeProxy();
  }, 180_000);

  it('falls while the event loop is blocked, and comes back', async () => {
    const { limitToBe, changes, close } = await startWorker({ WORKER_MAX_EVENT_LOOP_DELAY_MS: '500' });
    const end = await work();
    const blocking = setInterval(() => {
      const until = performance.now() + BLOCK_MS;
      while (performance.now() < until);
    }, BLOCK_MS / 2);

    await limitToBe(2).finally(() => {
      clearInterval(blocking);
    });
    await limitToBe(8);

    expect(await changes('event_loop')).toBeGreaterThan(0);
    await end();
    await close();
  }, 90_000);

  it('falls while memory is short', async () => {
    const { limitToBe, changes, close } = await startWorker({ WORKER_MAX_MEMORY_PERCENT: '1' });
    const end = await work();

    await limitToBe(2);

    expect(await changes('memory')).toBeGreaterThan(0);
    await end();
    await close();
  }, 60_000);

  it('stays while the database is away', async () => {
    const proxy = await startTcpProxy(api.variables.MONGODB_URI ?? '');
    const MONGODB_URI = withPort(api.variables.MONGODB_URI, proxy.port);
    const { limitToBe, done, changes, ready, close } = await startWorker({
      MONGODB_URI,
      MONGODB_TIMEOUT_MS: '500',
    });
    const end = await work();
    await done(LEARNED_AFTER);

    proxy.freeze();
    await waitFor('the worker to know', ready, (status) => status === 503, WITHIN);
    proxy.restore();
    await done(2 * LEARNED_AFTER);

    await limitToBe(8);
    expect(await changes('database')).toBe(0);
    await end();
    await close();
    await proxy.close();
  }, 60_000);

  it('is told of a worker', async () => {
    const { limitToBe, close } = await startWorker({ WORKER_MAX_MEMORY_PERCENT: '1' });
    const end = await work();
    await limitToBe(2);

    const client = api.client({ roles: ['operator'] });
    const seen = await waitFor(
      'the worker to tell of itself',
      async () => (await client.get('/admin/api/overview')).body.data.workers.at(-1)?.concurrency,
      (concurrency) => concurrency === 2,
    );

    expect(seen).toBe(2);
    await end();
    await close();
  }, 60_000);
});
