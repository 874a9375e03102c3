import { DAY_MS, Maintenance } from '../helpers/maintenance';
import { withPort } from '../helpers/outage';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';

const PURGE = 'PURGE_DELETED_CUSTOMERS';

describe('maintenance without MongoDB', () => {
  let worker: TestApp;
  let proxy: TcpProxy;
  let maintenance: Maintenance;

  beforeAll(async () => {
    const other = await createTestApp({ role: 'worker' });
    await other.close();
    proxy = await startTcpProxy(other.variables.MONGODB_URI ?? '');
    maintenance = await Maintenance.of(other);
    worker = await startWorker(other.variables);
  });

  afterAll(async () => {
    await maintenance.close();
    await proxy.close();
  });

  const startWorker = (variables: Record<string, string>) =>
    createTestApp({
      role: 'worker',
      variables: {
        ...variables,
        MONGODB_URI: withPort(variables.MONGODB_URI, proxy.port),
        MONGODB_TIMEOUT_MS: '500',
      },
    });

  it('waits, and is done by another worker when its own stops, no attempt used', async () => {
    await maintenance.deleted(10, 40 * DAY_MS);
    proxy.cut();
    const jobId = await maintenance.start(PURGE);
    await waitFor(
      'the job to be taken',
      () => maintenance.queue.getJobState(jobId),
      (state) => state === 'active',
    );

    await worker.close();
    const handedBack = await maintenance.queue.getJobState(jobId);
    proxy.restore();
    const other = await startWorker(worker.variables);
    const result = await maintenance.ended(jobId);
    await other.close();

    expect(handedBack).toBe('waiting');
    expect(result).toEqual({ purged: 10, visits: 0, complete: true });
    expect(await maintenance.queue.getJob(jobId)).toMatchObject({ attemptsMade: 1, stalledCounter: 0 });
  });
});
