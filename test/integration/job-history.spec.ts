import { createConnection, type Connection } from 'mongoose';
import { buildCsv } from '../factories/csv';
import { buildCustomer } from '../factories/customer';
import { closing } from '../helpers/closing';
import { acceptedImport, existingCustomer, outcomeOf } from '../helpers/customers';
import type { Answer, Client } from '../helpers/client';
import { NOBODY, timed, withPort } from '../helpers/outage';
import { Stores } from '../helpers/stores';
import { startTcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { waitFor, waitForImport, waitForJob } from '../helpers/wait';

const HOUR_MS = 3_600_000;

describe('a job that the queue has removed', () => {
  let app: TestApp;
  let stores: Stores;
  let mongo: Connection;
  let tenantId: string;
  let client: Client;

  beforeAll(async () => {
    app = await createTestApp();
    stores = await Stores.of(app);
    mongo = await createConnection(app.variables.MONGODB_URI ?? '').asPromise();
    closing(() => mongo.close());
  });

  beforeEach(() => {
    tenantId = newTenant();
    client = app.client({ tenantId, roles: ['operator'] });
  });

  afterAll(async () => {
    await stores.close();
    await app.close();
  });

  const history = () => mongo.collection<{ _id: string; finishedAt: Date; expiresAt: Date }>('job_history');
  const read = (jobId: string, reader = client) => reader.get(`/api/jobs/${jobId}`);
  /** As retention does: the job and all that the queue knows of it. */
  const removeFromQueue = async (jobId: string) => {
    await waitFor(
      'the queue to let the job go',
      () => stores.queue.remove(jobId),
      (removed) => removed === 1,
    );
  };

  const withoutEnd = ({ body }: Answer) => ({ ...body.data, finishedAt: null });
  const endOf = ({ body }: Answer): number => Date.parse(body.data.finishedAt);

  const endings: [string, () => Promise<string>, object][] = [
    [
      'done',
      async () => (await outcomeOf(client, await client.post('/api/customer', buildCustomer()))).id,
      { type: 'CREATE_CUSTOMER', status: 'completed', error: null },
    ],
    [
      'refused',
      async () => {
        const { email } = buildCustomer();
        await existingCustomer(client, { email });
        return (await outcomeOf(client, await client.post('/api/customer', buildCustomer({ email })))).id;
      },
      { type: 'CREATE_CUSTOMER', status: 'failed', attempts: 1, error: { reason: 'EMAIL_TAKEN' } },
    ],
    [
      'given up',
      async () => {
        const jobId = crypto.randomUUID();
        await stores.queue.add('NO_SUCH_JOB', { tenantId, requestId: 'r' }, { jobId, attempts: 5 });
        return (await waitForJob(client, jobId)).id;
      },
      { type: 'NO_SUCH_JOB', status: 'failed', error: { reason: 'SERVICE_FAULT' } },
    ],
    [
      "an operator's test",
      async () => (await outcomeOf(client, await client.post('/api/queue/test/job'))).id,
      { type: 'TEST_QUEUE', status: 'completed', result: { pid: process.pid } },
    ],
  ];

  it.each(endings)('reads the same as before when it was %s', async (_how, end, expected) => {
    const jobId = await end();
    const before = await read(jobId);

    await removeFromQueue(jobId);
    const after = await read(jobId);

    expect(before.body.data).toMatchObject(expected);
    expect(after.status).toBe(200);
    expect(withoutEnd(after)).toEqual(withoutEnd(before));
    // The worker says when it ended the job, the queue when it heard of it.
    expect(Math.abs(endOf(after) - endOf(before))).toBeLessThan(1_000);
  });

  it("is nobody else's", async () => {
    const { id } = await outcomeOf(client, await client.post('/api/customer', buildCustomer()));
    await removeFromQueue(id);

    const answer = await read(id, app.client());

    expect(answer.status).toBe(404);
  });

  it('is read for 7 days, and no longer', async () => {
    const { id } = await outcomeOf(client, await client.post('/api/customer', buildCustomer()));
    await removeFromQueue(id);
    const kept = await history().findOne({ _id: id });
    const indexes = await history().indexes();

    await history().updateOne({ _id: id }, { $set: { expiresAt: new Date() } });
    const late = await read(id);

    expect(Number(kept?.expiresAt) - Number(kept?.finishedAt)).toBe(7 * 24 * HOUR_MS);
    expect(indexes).toContainEqual(expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }));
    expect(late.status).toBe(404);
  });

  it('says nothing of who the customer is', async () => {
    const customer = buildCustomer({ name: 'Zoë Quist', phone: '555-0199', address: '9 Elm St' });
    const { id } = await outcomeOf(client, await client.post('/api/customer', customer));

    const kept = JSON.stringify(await history().findOne({ _id: id }));

    for (const secret of [customer.email, 'Quist', '555-0199', 'Elm']) expect(kept).not.toContain(secret);
  });

  it('of an import is its record, which stays as long', async () => {
    const importId = await acceptedImport(client, buildCsv({ rows: 3 }));
    await waitForImport(client, importId);
    const before = await read(importId);
    await removeFromQueue(`${importId}-0`);

    const after = await read(importId);
    const ttlMs = await stores.ttlMs(`${app.variables.QUEUE_PREFIX}:import:${importId}`);

    expect(after.body).toEqual(before.body);
    expect(ttlMs).toBeGreaterThan(7 * 24 * HOUR_MS - 60_000);
    expect(await history().countDocuments({ _id: { $regex: `^${importId}` } })).toBe(0);
  });

  it('has not ended before its end is remembered', async () => {
    const refuseAll = (validator: object) => mongo.db?.command({ collMod: 'job_history', validator });
    await refuseAll({ tenantId: 'nobody' });
    const { body } = await client.post('/api/customer', buildCustomer());
    const { customerId, jobId } = body.data;

    await waitFor(
      'the customer',
      () => client.get(`/api/customer/${customerId}`),
      ({ status }) => status === 200,
    );
    const during = await waitFor(
      'another attempt',
      () => read(jobId),
      (answer) => answer.body.data.attempts > 0,
    );
    await refuseAll({});
    const job = await waitForJob(client, jobId);

    expect(during.body.data).toMatchObject({
      status: expect.stringMatching(/retrying|processing/),
      finishedAt: null,
    });
    expect(job.status).toBe('completed');
  });
});

describe('while MongoDB is away', () => {
  it.each(['cut', 'freeze'] as const)('a job that only it remembers is a 503 in time: %s', async (how) => {
    const uri = process.env.TEST_MONGODB_URI;
    const proxy = await startTcpProxy(uri ?? '');
    const api = await createTestApp({
      role: 'api',
      variables: { MONGODB_URI: withPort(uri, proxy.port), MONGODB_TIMEOUT_MS: '500' },
    });
    const client = api.client();
    const accepted = await client.post('/api/customer', buildCustomer());

    proxy[how]();
    const unknown = await timed(() => client.get(`/api/jobs/${NOBODY}`));
    const known = await timed(() => client.get(`/api/jobs/${accepted.body.data.jobId}`));
    proxy.restore();
    const later = await waitFor(
      'MongoDB',
      () => client.get(`/api/jobs/${NOBODY}`),
      ({ status }) => status !== 503,
    );

    expect(unknown).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) });
    expect(unknown.durationMs).toBeLessThan(1_500);
    expect(known).toMatchObject({ status: 200, body: { data: { status: 'queued' } } });
    expect(later.status).toBe(404);
    await api.close();
    await proxy.close();
  });
});
