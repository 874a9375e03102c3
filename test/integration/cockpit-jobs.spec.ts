import { randomUUID } from 'node:crypto';
import { buildCustomer } from '../factories/customer';
import { DeadJobs } from '../helpers/dead-jobs';
import { ADMIN_PASSWORD } from '../helpers/environment';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';
import { Visitor } from '../helpers/visitor';
import { waitFor, waitForJob } from '../helpers/wait';

const OPERATOR_PASSWORD = 'operator password of the tests';
const JOBS = '/admin/api/jobs';

describe('jobs of the cockpit', () => {
  let app: TestApp;
  let admin: Visitor;
  let operator: Visitor;

  beforeAll(async () => {
    app = await createTestApp({ variables: { OPERATOR_PASSWORD } });
    admin = await Visitor.signIn(app.url, { user: 'admin', password: ADMIN_PASSWORD });
    operator = await Visitor.signIn(app.url, { user: 'operator', password: OPERATOR_PASSWORD });
  });

  afterAll(async () => {
    await app.close();
  });

  const find = async (query: Record<string, string>, visitor = operator) =>
    (await visitor.get(`${JOBS}?${new URLSearchParams(query).toString()}`)).body.data;
  const idsOf = ({ items }: { items: { jobId: string }[] }) => items.map(({ jobId }) => jobId);

  describe('of one customer', () => {
    const tenantId = newTenant();
    const customer = buildCustomer();
    let customerId: string;
    let created: string;
    let updated: string;
    let requestId: string;

    beforeAll(async () => {
      const client = app.client({ tenantId });
      const accepted = await client.post('/api/customer', customer);
      ({ customerId, jobId: created } = accepted.body.data);
      requestId = accepted.headers.get('x-request-id') ?? '';
      await waitForJob(client, created);
      updated = (await client.patch(`/api/customer/${customerId}`, { name: 'Zoe' })).body.data.jobId;
      await waitForJob(client, updated);
    });

    it('are found by its id', async () => {
      const found = await find({ customerId });

      expect(idsOf(found)).toEqual([updated, created]);
      expect(found).toMatchObject({ complete: true, tookMs: expect.any(Number) });
      expect(found.items[1]).toMatchObject({
        queue: 'customer.jobs',
        type: 'CREATE_CUSTOMER',
        state: 'completed',
        tenantId,
        customerId,
        requestId,
        source: 'queue',
      });
    });

    it('are found by its email, also those that do not carry it when the tenant is known', async () => {
      expect(idsOf(await find({ email: customer.email.toUpperCase() }))).toEqual([created]);
      expect(idsOf(await find({ email: customer.email, tenantId }))).toEqual([updated, created]);
    });

    it.each([
      ['the request', () => ({ requestId }), () => [created]],
      ['the job itself', () => ({ jobId: updated }), () => [updated]],
      ['tenant and type', () => ({ tenantId, type: 'UPDATE_CUSTOMER' }), () => [updated]],
      ['tenant and state', () => ({ tenantId, state: 'completed' }), () => [updated, created]],
      ['another state', () => ({ tenantId, state: 'failed' }), () => []],
      ['the job itself, in another state', () => ({ jobId: updated, state: 'failed' }), () => []],
      ['the job itself, of another tenant', () => ({ jobId: updated, tenantId: newTenant() }), () => []],
      ['the job itself and its tenant', () => ({ jobId: updated, tenantId }), () => [updated]],
      ['another tenant', () => ({ customerId, tenantId: newTenant() }), () => []],
    ])('are found by %s', async (_, query, expected) => {
      expect(idsOf(await find(query()))).toEqual(expected());
    });

    it('are found after the queue forgot them, by their ids', async () => {
      const jobs = DeadJobs.of(app);
      await (await jobs.queue.getJob(created))?.remove();
      await jobs.close();

      expect((await find({ customerId })).items.at(-1)).toMatchObject({ jobId: created, source: 'history' });
      expect((await operator.get(`${JOBS}/customer.jobs/${created}`)).body.data).toMatchObject({
        state: 'completed',
        payload: null,
        source: 'history',
      });
    });

    it('tell their whole story, and personal data to admins only', async () => {
      const tell = async (visitor: Visitor) =>
        (await visitor.get(`${JOBS}/customer.jobs/${updated}`)).body.data;
      const toAdmin = await tell(admin);
      const toOperator = await tell(operator);

      expect(toAdmin).toMatchObject({
        type: 'UPDATE_CUSTOMER',
        state: 'completed',
        attempts: 1,
        maxAttempts: 10,
        payload: { customerId, changes: { name: 'Zoe' } },
        masked: false,
        waitMs: expect.any(Number),
        runMs: expect.any(Number),
        events: [{ type: 'customer.validation.success' }, { type: 'customer.updated' }],
      });
      expect(toOperator).toMatchObject({ payload: { customerId, changes: { name: '•••' } }, masked: true });
      expect(JSON.stringify(toOperator)).not.toMatch(/Zoe|@example/);
    });
  });

  it('are found by a part of their error, dead letters too', async () => {
    const jobs = DeadJobs.of(app);
    const name = `NO_SUCH_${randomUUID()}`;
    const { id = '' } = await jobs.queue.add(name, {});
    await waitFor(
      'it to die',
      () => jobs.redis.zscore(jobs.queue.toKey('failed'), id),
      (score) => score !== null,
    );
    await jobs.close();

    const found = await find({ error: `no handler for job ${name}`.toUpperCase() });

    expect(found.items).toMatchObject([{ jobId: id, state: 'failed', error: expect.stringContaining(name) }]);
  });

  it('tell when the next attempt is due', async () => {
    const api = await createTestApp({ role: 'api' });
    const jobs = DeadJobs.of(api);
    const backoff = { type: 'fixed', delay: 3_600_000 };
    const { id = '' } = await jobs.queue.add('FLAKY', {}, { attempts: 2, backoff });
    await jobs.work(() => {
      throw new Error('not now');
    });
    const visitor = await Visitor.signIn(api.url, { user: 'admin', password: ADMIN_PASSWORD });
    const story = (await visitor.get(`${JOBS}/customer.jobs/${id}`)).body.data;
    await Promise.all([jobs.close(), api.close()]);

    expect(story).toMatchObject({ state: 'delayed', attempts: 1 });
    expect(Date.parse(story.dueAt) - Date.now()).toBeGreaterThan(3_500_000);
  });

  it('are not there for nobody, nor for an unknown queue', async () => {
    expect((await admin.get(`${JOBS}/customer.jobs/nobody`)).status).toBe(404);
    expect((await admin.get(`${JOBS}/no.queue/nobody`)).status).toBe(404);
    expect((await admin.get(`${JOBS}?state=lost`)).body.errors).toMatchObject([{ field: 'state' }]);
  });

  it('are found among 100,000 that wait', async () => {
    const api = await createTestApp({ role: 'api' });
    const jobs = DeadJobs.of(api);
    const payload = (n: number) => ({
      tenantId: 'acme',
      customerId: `customer-${n}`,
      email: `row.${n}@example.com`,
    });
    for (let first = 0; first < 100_000; first += 5_000) {
      const some = Array.from({ length: 5_000 }, (_, n) => ({
        name: 'CREATE_CUSTOMER',
        data: payload(first + n),
      }));
      await jobs.queue.addBulk(some);
    }
    const visitor = await Visitor.signIn(api.url, { user: 'admin', password: ADMIN_PASSWORD });

    const [first, last] = [
      await find({ customerId: 'customer-7' }, visitor),
      await find({ email: 'row.99999@example.com' }, visitor),
    ];
    await jobs.queue.obliterate({ force: true });
    await Promise.all([jobs.close(), api.close()]);

    if (process.env.TEST_SHOW_TIMES) console.log(first.tookMs, last.tookMs);
    expect([first, last]).toMatchObject([
      { items: [{ customerId: 'customer-7' }], searched: 100_000, complete: true },
      { items: [{ customerId: 'customer-99999' }], complete: true },
    ]);
  }, 60_000);
});
