import { Job, Queue } from 'bullmq';
import { CUSTOMER_QUEUE } from '../../src/customer/jobs/customer.jobs';
import { EMAIL_QUEUE } from '../../src/emails/email-jobs';
import { MAINTENANCE_QUEUE } from '../../src/maintenance/maintenance.jobs';
import { WEBHOOK_QUEUE } from '../../src/webhooks/webhook-jobs';
import { buildCsv } from '../factories/csv';
import { buildCustomer } from '../factories/customer';
import type { Client } from '../helpers/client';
import { closing } from '../helpers/closing';
import { acceptedImport } from '../helpers/customers';
import { Scrape } from '../helpers/scrape';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForImport, waitForJob } from '../helpers/wait';

/** Beyond what any build knows. */
const NEWER = 99;

describe('a job of a newer version than its worker', () => {
  let api: TestApp;
  let worker: TestApp;
  let stores: Stores;
  let client: Client;

  beforeAll(async () => {
    api = await createTestApp({ role: 'api' });
    // Takes e-mails too, of which none is sent here.
    const variables = { ...api.variables, SMTP_URL: 'smtp://127.0.0.1:1' };
    worker = await createTestApp({ role: 'worker', variables });
    stores = await Stores.of(api);
  });

  beforeEach(() => {
    client = api.client();
  });

  const handedBack = (jobId: string, queue = stores.queue) =>
    waitFor(
      `job ${jobId} to be handed back`,
      async () => ({ state: await queue.getJobState(jobId), job: await Job.fromId(queue, jobId) }),
      ({ state, job }) => state === 'delayed' && (job?.attemptsStarted ?? 0) > 0,
    );
  /** As a newer API would have queued it; `undefined` as one of today does. */
  const setVersion = async (jobId: string, jobVersion: number | undefined) => {
    const job = await Job.fromId(stores.queue, jobId);
    await job?.updateData({ ...job.data, jobVersion });
  };
  /** Lets a worker that knows the job have it. */
  const becomeKnown = async (jobId: string) => {
    await setVersion(jobId, undefined);
    await (await Job.fromId(stores.queue, jobId))?.promote();
  };
  /** Queues something that no worker takes before it is of a newer version. @returns the ids of its jobs */
  const queuedAsNewer = async <T>(act: () => Promise<T>, jobsOf: (accepted: T) => Promise<string[]>) => {
    await stores.queue.pause();
    const accepted = await act();
    const jobs = await jobsOf(accepted);
    for (const jobId of jobs) await setVersion(jobId, NEWER);
    await stores.queue.resume();
    return { accepted, jobs };
  };
  const create = async (customer = buildCustomer()): Promise<string> =>
    (await client.post('/api/customer', customer)).body.data.jobId;
  const newerCreate = async (customer = buildCustomer()) =>
    (
      await queuedAsNewer(
        () => create(customer),
        (jobId) => Promise.resolve([jobId]),
      )
    ).accepted;

  it.each([CUSTOMER_QUEUE, MAINTENANCE_QUEUE, EMAIL_QUEUE, WEBHOOK_QUEUE])(
    'is handed back on %s, also under a name that the worker does not know, and is counted',
    async (name) => {
      const queue = new Queue(name, {
        connection: { url: api.variables.REDIS_URL ?? '' },
        prefix: api.variables.QUEUE_PREFIX ?? '',
      });
      closing(() => queue.close());

      const { id = '' } = await queue.add('OF_THE_FUTURE', { jobVersion: NEWER });
      const { job } = await handedBack(id, queue);

      expect(job).toMatchObject({ attemptsMade: 0, stacktrace: [] });
      expect(job?.failedReason).toBeUndefined();
      const scrape = await Scrape.of(worker.url);
      expect(scrape.value('insightcrm_jobs_newer_total', { queue: name })).toBeGreaterThan(0);
      await job?.remove();
    },
  );

  it('waits, is queued to who asks, and is done when a worker comes that knows it', async () => {
    const jobId = await newerCreate();
    await handedBack(jobId);

    const waiting = (await client.get(`/api/jobs/${jobId}`)).body.data;
    await becomeKnown(jobId);
    const done = await waitForJob(client, jobId);

    expect(waiting).toMatchObject({ status: 'queued', attempts: 0, error: null });
    expect(done).toMatchObject({ status: 'completed', error: null });
  });

  it('keeps its place: a later claim of its email waits for it, and is refused', async () => {
    const { email } = buildCustomer();
    const first = await newerCreate(buildCustomer({ email }));
    await handedBack(first);

    const second = await create(buildCustomer({ email }));
    await handedBack(second);
    await becomeKnown(first);

    expect(await waitForJob(client, first)).toMatchObject({ status: 'completed', error: null });
    expect(await waitForJob(client, second)).toMatchObject({ error: { reason: 'EMAIL_TAKEN' } });
  });

  it('is gone with the import that is cancelled', async () => {
    const { accepted: importId, jobs } = await queuedAsNewer(
      () => acceptedImport(client, buildCsv({ rows: 1_500 })),
      async (id) => {
        const waiting = await stores.queue.getJobs(['waiting', 'prioritized']);
        return waiting.flatMap((job) => (job.data.importId === id && job.id !== undefined ? [job.id] : []));
      },
    );
    for (const jobId of jobs) await handedBack(jobId);

    await client.post(`/api/customer/imports/${importId}/cancel`);
    const { status, counts } = await waitForImport(client, importId);

    expect({ status, processed: counts.processed, jobs: jobs.length }).toEqual({
      ...{ status: 'cancelled', processed: 0, jobs: 2 },
    });
    for (const jobId of jobs) expect(await stores.queue.getJobState(jobId)).toBe('unknown');
  });

  it('is handed back when it was a dead letter and is retried', async () => {
    const { id = '' } = await stores.queue.add('NO_SUCH_JOB', {});
    await waitFor(
      'the job to die',
      () => stores.queue.getJobState(id),
      (state) => state === 'failed',
    );
    await setVersion(id, NEWER);

    const path = `/api/queue/${CUSTOMER_QUEUE}/dead-letter/retry`;
    const { status } = await api.client({ roles: ['operator'] }).post(path, { jobIds: [id] });
    const { job } = await handedBack(id);

    expect({ status, attemptsMade: job?.attemptsMade }).toEqual({ status: 202, attemptsMade: 0 });
    await job?.remove();
  });
});
