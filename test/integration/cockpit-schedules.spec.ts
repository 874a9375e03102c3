import { randomUUID } from 'node:crypto';
import { buildCsv } from '../factories/csv';
import { acceptedImport, existingCustomer, outcomeOf, readCustomer } from '../helpers/customers';
import { Maintenance } from '../helpers/maintenance';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { Visitor } from '../helpers/visitor';
import { waitFor, waitForJob } from '../helpers/wait';

const SCHEDULES = '/admin/api/schedules';
const RUN_PURGE = `${SCHEDULES}/maintenance.jobs/PURGE_DELETED_CUSTOMERS/run`;
const PASSWORDS = { OPERATOR_PASSWORD: 'operator of the tests', VIEWER_PASSWORD: 'viewer of the tests' };

describe('schedules of the cockpit', () => {
  let app: TestApp;
  let maintenance: Maintenance;
  let operator: Visitor;
  let viewer: Visitor;
  let tenantId: string;

  beforeAll(async () => {
    app = await createTestApp({ variables: PASSWORDS });
    maintenance = await Maintenance.of(app);
    operator = await signIn('operator', PASSWORDS.OPERATOR_PASSWORD);
    viewer = await signIn('viewer', PASSWORDS.VIEWER_PASSWORD);
    await waitFor('the schedules', read, ({ repeating }) => repeating.length === 2);
  });

  beforeEach(() => {
    tenantId = newTenant();
  });

  afterAll(async () => {
    await maintenance.close();
    await app.close();
  });

  const signIn = (user: string, password: string) => Visitor.signIn(app.url, { user, password });
  const read = async (query = '') => (await viewer.get(SCHEDULES + query)).body.data;
  const promote = (jobId: string, visitor = operator) =>
    visitor.send('POST', `${SCHEDULES}/delayed/customer.jobs/${jobId}/run`);
  const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  const plannedFor = (customerId: string, changes: object, runAt: string) =>
    app.client({ tenantId }).patch(`/api/customer/${customerId}?runAt=${runAt}`, changes);
  const plan = async (hours: number): Promise<string> =>
    (await plannedFor(randomUUID(), { name: 'Later' }, inHours(hours))).body.data.jobId;
  const lastAct = async () => (await operator.get('/admin/api/audit?limit=1')).body.data.items[0];

  it('tell what is done again and again, when next, and that it was not done yet', async () => {
    const { repeating } = await read();

    expect(repeating).toContainEqual({
      queue: 'maintenance.jobs',
      id: 'CLEAN_IMPORTS',
      type: 'CLEAN_IMPORTS',
      cron: '30 3 * * *',
      tz: 'UTC',
      next: expect.stringMatching(/T03:30:00\.000Z$/),
      lastRun: null,
    });
  });

  it('are run when an operator says so, once a minute, and tell what came of it', async () => {
    const answers = [await operator.send('POST', RUN_PURGE), await operator.send('POST', RUN_PURGE)];
    const { repeating } = await waitFor('the run to end', read, (seen) =>
      seen.repeating.some(({ lastRun }: { lastRun: unknown }) => lastRun !== null),
    );

    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    const ids = new Set(answers.map(({ body }) => body.data.jobId));
    expect(ids.size).toBeLessThanOrEqual(2);
    const purge = repeating.find(({ id }: { id: string }) => id === 'PURGE_DELETED_CUSTOMERS');
    expect(purge.lastRun).toEqual({
      at: expect.stringMatching(/Z$/),
      status: 'completed',
      result: { purged: 0, visits: 0, complete: true },
      error: null,
    });
    expect(await maintenance.queue.getCompletedCount()).toBe(ids.size);
    expect(await lastAct()).toMatchObject({
      action: 'schedule.run',
      userId: 'operator',
      queue: 'maintenance.jobs',
      details: { schedule: 'PURGE_DELETED_CUSTOMERS' },
    });
  });

  it('have the planned jobs of tenants among the delayed ones, soonest first', async () => {
    const later = await plan(2_000);
    const soon = await plan(1_000);

    const { delayed } = await read('?limit=200');

    const own = delayed.items.filter(({ jobId }: { jobId: string }) => [later, soon].includes(jobId));
    expect(own).toEqual([
      {
        queue: 'customer.jobs',
        jobId: soon,
        type: 'UPDATE_CUSTOMER',
        tenantId,
        due: expect.stringMatching(/Z$/),
      },
      expect.objectContaining({ jobId: later }),
    ]);
    expect(Date.parse(own[0].due)).toBeCloseTo(Date.now() + 1_000 * 3_600_000, -5);
    expect(delayed.total).toBe(delayed.items.length);
  });

  it('are told page by page, also those that are due in the same ms', async () => {
    const runAt = inHours(3_000);
    const planned = await Promise.all(
      Array.from({ length: 7 }, () => plannedFor(randomUUID(), { name: 'Later' }, runAt)),
    );
    // BullMQ numbers jobs of one ms; beyond 4,096 they share a place.
    const key = `${maintenance.prefix}:customer.jobs:delayed`;
    const jobIds: string[] = planned.map(({ body }) => body.data.jobId);
    for (const jobId of jobIds) await maintenance.redis.zadd(key, 'XX', Date.parse(runAt) * 0x1000, jobId);

    const seen: string[] = [];
    let cursor = '';
    do {
      const { delayed } = await read(`?limit=3${cursor && `&cursor=${cursor}`}`);
      seen.push(...delayed.items.map(({ jobId }: { jobId: string }) => jobId));
      cursor = delayed.nextCursor ?? '';
    } while (cursor !== '');

    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(jobIds));
    expect(seen).toHaveLength((await read()).delayed.total);
  });

  it('let a planned job run now, and write down who did it', async () => {
    const client = app.client({ tenantId });
    const customerId = await existingCustomer(client);
    const { jobId } = (await plannedFor(customerId, { name: 'Early' }, inHours(5))).body.data;

    const answer = await promote(jobId);
    const job = await waitForJob(client, jobId);

    expect(answer).toMatchObject({ status: 202, body: { data: { queue: 'customer.jobs', jobId } } });
    expect(job.status).toBe('completed');
    expect(await readCustomer(client, customerId)).toMatchObject({ name: 'Early' });
    expect(await lastAct()).toMatchObject({ action: 'delayed.promote', jobIds: [jobId] });
  });

  it('have what was run early count as accepted then: later writes win', async () => {
    const client = app.client({ tenantId });
    const customerId = await existingCustomer(client);
    const { jobId } = (await plannedFor(customerId, { name: 'Early' }, inHours(5))).body.data;
    await promote(jobId);
    await waitForJob(client, jobId);

    await outcomeOf(client, await client.patch(`/api/customer/${customerId}`, { name: 'Now' }));

    expect(await readCustomer(client, customerId)).toMatchObject({ name: 'Now' });
  });

  it('refuse to run one chunk of a planned import early', async () => {
    const client = app.client({ tenantId });
    const importId = await acceptedImport(client, buildCsv({ rows: 1 }), `?runAt=${inHours(5)}`);

    const answer = await promote(`${importId}-0`);

    expect(answer.status).toBe(409);
  });

  it('know nothing of what is not there, or has run already', async () => {
    const client = app.client({ tenantId });
    const customerId = await existingCustomer(client);

    const answers = await Promise.all([
      operator.send('POST', RUN_PURGE.replace('PURGE', 'NOTHING')),
      operator.send('POST', RUN_PURGE.replace('maintenance', 'no')),
      promote(randomUUID()),
      promote(customerId),
      operator.send('POST', `${SCHEDULES}/delayed/no.queue/${randomUUID()}/run`),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
  });

  it('are looked at by viewers, who change nothing', async () => {
    const jobId = await plan(4_000);

    const answers = await Promise.all([viewer.send('POST', RUN_PURGE), promote(jobId, viewer)]);

    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    expect((await viewer.get(SCHEDULES)).status).toBe(200);
  });

  it('refuse a page that is none', async () => {
    const answers = await Promise.all(
      ['?limit=0', '?limit=201', '?cursor=abc'].map((query) => viewer.get(SCHEDULES + query)),
    );

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
  });
});
