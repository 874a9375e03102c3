import { buildCsv } from '../factories/csv';
import { buildCustomer } from '../factories/customer';
import type { Client } from '../helpers/client';
import { acceptedImport } from '../helpers/customers';
import { withPort } from '../helpers/outage';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForImport, waitForJob } from '../helpers/wait';

describe('a worker without MongoDB', () => {
  let api: TestApp;
  let proxy: TcpProxy;
  let client: Client;

  beforeAll(async () => {
    api = await createTestApp({ role: 'api' });
    proxy = await startTcpProxy(api.variables.MONGODB_URI ?? '');
    client = api.client({ roles: ['operator'] });
  });

  afterEach(() => {
    proxy.restore();
  });

  const startWorker = (variables = {}) =>
    createTestApp({
      role: 'worker',
      variables: {
        ...api.variables,
        MONGODB_URI: withPort(api.variables.MONGODB_URI, proxy.port),
        MONGODB_TIMEOUT_MS: '500',
        WORKER_CONCURRENCY: '2',
        ...variables,
      },
    });
  const counts = async () => (await client.get('/api/queue/stats')).body.data['customer.jobs'];
  const write = async (): Promise<string> =>
    (await client.post('/api/customer', buildCustomer())).body.data.jobId;

  it.each([
    [
      'is down',
      () => {
        proxy.cut();
      },
    ],
    [
      'hangs',
      () => {
        proxy.freeze();
      },
    ],
  ])('that %s holds its jobs and goes on with them, no attempt used', async (_, takeAway) => {
    const worker = await startWorker();
    takeAway();
    const jobIds = [await write(), await write(), await write()];
    const importId = await acceptedImport(client, buildCsv({ rows: 10 }));
    await waitFor('the jobs to be taken', counts, ({ active }) => active === 2);

    const during = await Promise.all(jobIds.map((id) => client.get(`/api/jobs/${id}`)));
    proxy.restore();
    const jobs = await Promise.all(jobIds.map((id) => waitForJob(client, id)));

    for (const { body } of during) expect(body.data).toMatchObject({ attempts: 0, error: null });
    for (const job of jobs) expect(job).toMatchObject({ status: 'completed', attempts: 1 });
    expect(await waitForImport(client, importId)).toMatchObject({ status: 'completed' });
    await worker.close();
  });

  it('hands its jobs back at once when it is stopped', async () => {
    const worker = await startWorker({ SHUTDOWN_TIMEOUT_MS: '10000' });
    proxy.cut();
    const jobId = await write();
    await waitFor('the job to be taken', counts, ({ active }) => active === 1);
    const startedAt = performance.now();

    await worker.close();

    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(await counts()).toMatchObject({ active: 0, pending: 1 });
    const other = await createTestApp({ role: 'worker', variables: api.variables });
    expect(await waitForJob(client, jobId)).toMatchObject({ status: 'completed', attempts: 1 });
    await other.close();
  });
});
