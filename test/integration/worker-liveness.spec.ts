import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { ConfigModule } from '../../src/config/config.module';
import { Environment } from '../../src/config/environment';
import { CustomerProcessor } from '../../src/customer/worker/customer.processor';
import { JobAttempts } from '../../src/customer/worker/job-attempts';
import { createLogger } from '../../src/logging/logger';
import { LoggingModule } from '../../src/logging/logging.module';
import { WorkerModule } from '../../src/worker.module';
import { buildCustomer } from '../factories/customer';
import { closing } from '../helpers/closing';
import { withPort } from '../helpers/outage';
import { Stores } from '../helpers/stores';
import { startTcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';

const WEDGED_AFTER_MS = 600;
/** Long enough for a worker that were wedged to be noticed. */
const LOOKS = 2 * WEDGED_AFTER_MS;

describe('the liveness of a worker', () => {
  let api: TestApp;

  beforeEach(async () => {
    api = await createTestApp({ role: 'api' });
  });

  afterEach(async () => {
    await api.close();
  });

  const addJob = () => api.client().post('/api/customer', buildCustomer());

  /** A worker whose inside can be reached. */
  const startWorker = async (variables: Record<string, string> = {}) => {
    const environment = Environment.read({
      ...api.variables,
      WORKER_WEDGED_AFTER_MS: String(WEDGED_AFTER_MS),
      APP_ROLE: 'worker',
      ...variables,
    });
    const logger = createLogger(environment);
    const module = await Test.createTestingModule({
      imports: [ConfigModule.forRoot(environment), LoggingModule.forRoot(logger), WorkerModule],
    }).compile();
    const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const close = closing(() => app.close());
    const ready = () =>
      waitFor(
        'the worker to be ready',
        async () => (await fetch(`${url}/health/ready`)).status,
        (status) => status === 200,
      );
    await ready();
    const { worker } = app.get(CustomerProcessor, { strict: false });
    return { worker, close, ready, live: async () => (await fetch(`${url}/health/live`)).status };
  };
  /** What it says over a time that is long enough. */
  const livesThrough = async (live: () => Promise<number>) => {
    const seen = new Set<number>();
    const until = performance.now() + LOOKS;
    await waitFor(
      'the time to pass',
      async () => seen.add(await live()),
      () => performance.now() > until,
    );
    return [...seen];
  };

  it('ends when it has work and takes none', async () => {
    const { worker, live, close } = await startWorker();
    await worker.pause();
    const before = await live();

    await addJob();
    const after = await waitFor('it to be noticed', live, (status) => status === 503);
    await close();

    expect([before, after]).toEqual([200, 503]);
  });

  it('goes on while there is nothing to do', async () => {
    const { worker, live, close } = await startWorker();
    await worker.pause();

    expect(await livesThrough(live)).toEqual([200]);
    await close();
  });

  it('goes on while its queue is paused', async () => {
    const stores = await Stores.of(api);
    await stores.queue.pause();
    const { live, close } = await startWorker();
    await addJob();

    expect(await livesThrough(live)).toEqual([200]);
    await close();
    await stores.close();
  });

  it('goes on while it works, however long a job takes', async () => {
    const { worker, live, close } = await startWorker({ WORKER_CONCURRENCY: '1' });
    const done = Promise.withResolvers<undefined>();
    const hold = jest.spyOn(JobAttempts.prototype, 'run');
    hold.mockImplementation((() => done.promise) as never);
    await addJob();
    await addJob();
    await waitFor(
      'a job to be taken',
      () => Promise.resolve(hold.mock.calls.length),
      (calls) => calls > 0,
    );

    const seen = await livesThrough(live);
    hold.mockRestore();
    done.resolve(undefined);
    await close();

    expect(worker.concurrency).toBe(1);
    expect(seen).toEqual([200]);
  });

  it.each(['cut', 'freeze'] as const)('goes on while Redis is away: %s', async (how) => {
    const proxy = await startTcpProxy(process.env.TEST_REDIS_URL ?? '');
    const { live, ready, close } = await startWorker({
      REDIS_URL: withPort(process.env.TEST_REDIS_URL, proxy.port),
      SHUTDOWN_TIMEOUT_MS: '500',
    });
    proxy[how]();
    await addJob();

    const seen = await livesThrough(live);
    proxy.restore();
    await ready();
    await close();
    await proxy.close();

    expect(seen).toEqual([200]);
  });
});
