import { buildCustomer } from '../factories/customer';
import type { Client } from '../helpers/client';
import { withPort } from '../helpers/outage';
import { startProcess, type ServiceProcess } from '../helpers/process';
import { Stores } from '../helpers/stores';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForJob } from '../helpers/wait';

const SHUTDOWN_TIMEOUT_MS = 500;
/** The lock of a job, and two looks for those without one. */
const FOUND_WITHIN_MS = 25_000;

describe('a worker that ends while it has a job', () => {
  let api: TestApp;
  let proxy: TcpProxy;
  let client: Client;
  let stores: Stores;

  beforeAll(async () => {
    api = await createTestApp({ role: 'api' });
    proxy = await startTcpProxy(api.variables.MONGODB_URI ?? '');
    stores = await Stores.of(api);
    client = api.client({ roles: ['operator'] });
  });

  afterEach(() => {
    proxy.restore();
  });

  const counts = async () => (await client.get('/api/queue/stats')).body.data['customer.jobs'];
  /** A worker whose database hangs, and the job it has. */
  const busyWorker = async (): Promise<{ worker: ServiceProcess; jobId: string }> => {
    const worker = await startProcess({
      ...api.variables,
      APP_ROLE: 'worker',
      LOG_LEVEL: 'info',
      MONGODB_URI: withPort(api.variables.MONGODB_URI, proxy.port),
      SHUTDOWN_TIMEOUT_MS: String(SHUTDOWN_TIMEOUT_MS),
    });
    proxy.freeze();
    const { body } = await client.post('/api/customer', buildCustomer());
    await waitFor('the job to be taken', counts, ({ active }) => active === 1);
    return { worker, jobId: body.data.jobId };
  };
  const byAnotherWorker = async (jobId: string) => {
    const other = await createTestApp({ role: 'worker', variables: api.variables });
    const job = await waitForJob(client, jobId, { timeoutMs: FOUND_WITHIN_MS });
    await other.close();
    return job;
  };

  it('hands it back when it is told to stop and the time is up', async () => {
    const { worker, jobId } = await busyWorker();

    worker.signal('SIGTERM');
    const code = await worker.ended;
    const after = await counts();

    expect(code).toBe(0);
    expect(after).toMatchObject({ active: 0, pending: 1 });
    expect(await byAnotherWorker(jobId)).toMatchObject({ status: 'completed', attempts: 1 });
  });

  it('stops as well in time when the lock of its job is lost', async () => {
    const { worker, jobId } = await busyWorker();
    await stores.loseLock(jobId);

    const toldAt = performance.now();
    worker.signal('SIGTERM');
    const code = await worker.ended;

    expect(performance.now() - toldAt).toBeLessThan(SHUTDOWN_TIMEOUT_MS + 4_000);
    expect(code).toBe(0);
    expect(worker.lines().filter(({ level }) => Number(level) >= 50)).toEqual([]);
    expect(await byAnotherWorker(jobId)).toMatchObject({ status: 'completed', attempts: 1 });
  }, 60_000);

  it('is killed, and its job is done by another, no attempt used', async () => {
    const { worker, jobId } = await busyWorker();

    worker.signal('SIGKILL');
    await worker.ended;

    expect(await byAnotherWorker(jobId)).toMatchObject({ status: 'completed', attempts: 1 });
  }, 60_000);
});
