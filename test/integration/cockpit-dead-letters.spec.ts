import { DeadJobs } from '../helpers/dead-jobs';
import { ADMIN_PASSWORD } from '../helpers/environment';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { Visitor } from '../helpers/visitor';
import { waitFor } from '../helpers/wait';

const QUEUE = 'customer.jobs';
const LETTERS = '/admin/api/dead-letters';

describe('dead letters of the cockpit', () => {
  let app: TestApp;
  let jobs: DeadJobs;
  let admin: Visitor;

  beforeAll(async () => {
    app = await createTestApp({ role: 'api' });
    jobs = DeadJobs.of(app);
    admin = await Visitor.signIn(app.url, { user: 'admin', password: ADMIN_PASSWORD });
  });

  afterAll(async () => {
    await Promise.all([jobs.close(), app.close()]);
  });

  afterEach(async () => {
    await waitFor('no act to run', read, ({ act }) => act?.status !== 'running');
    await jobs.queue.obliterate({ force: true });
  });

  const read = async () => (await admin.get(`${LETTERS}?queue=${QUEUE}`)).body.data;
  const count = async (filter: object) =>
    (await admin.send('POST', `${LETTERS}/count`, { queue: QUEUE, filter })).body.data.count;
  const start = (act: string, filter: object, perSecond = 1_000, visitor = admin) =>
    visitor.send('POST', `${LETTERS}/acts`, { queue: QUEUE, act, filter, perSecond });
  const ended = () => waitFor('the act to end', read, ({ act }) => act?.status !== 'running');

  /** Of one tenant each, with an error of its own. */
  const die = (tenantId: string, error: string, many = 3) => jobs.make(many, { tenantId }, error);

  it('are grouped by their cause, the largest first', async () => {
    await die('acme', 'connect ECONNREFUSED 10.0.0.1:27017', 2);
    await die('acme', 'connect ECONNREFUSED 10.0.0.2:27017', 2);
    await die('acme', 'no such thing', 1);

    const { total, groups } = await read();

    expect(total).toBe(5);
    expect(groups).toMatchObject([
      {
        error: 'connect ECONNREFUSED #:#',
        count: 4,
        types: { NO_SUCH_JOB: 4 },
        sample: expect.stringContaining('10.0.0.2'),
      },
      { error: 'no such thing', count: 1 },
    ]);
    expect(groups[0].jobIds).toHaveLength(4);
  });

  it.each([
    ['the error', { error: 'first cause' }, 3],
    ['the tenant', { tenantId: 'globex' }, 2],
    ['the type', { type: 'NO_SUCH_JOB' }, 5],
    ['another type', { type: 'CREATE_CUSTOMER' }, 0],
    ['the time', { from: '2999-01-01T00:00:00Z' }, 0],
    ['error and tenant', { error: 'first cause', tenantId: 'globex' }, 0],
    ['nothing', {}, 5],
  ])(
    'are counted by %s before anything is done to them, and then exactly those are',
    async (_, filter, expected) => {
      await die('acme', 'first cause', 3);
      await die('globex', 'second cause', 2);

      expect(await count(filter)).toBe(expected);
      expect((await read()).total).toBe(5);
      expect((await start('delete', filter)).body.data).toMatchObject({ jobs: expected });
      await ended();
      expect((await read()).total).toBe(5 - expected);
    },
  );

  it('are left alone where they died after they were counted', async () => {
    await die('acme', 'seen', 2);
    const counted = await admin.send('POST', `${LETTERS}/count`, { queue: QUEUE, filter: {} });
    const { at } = counted.body.data;
    const [unseen = ''] = await die('acme', 'not seen', 1);
    await jobs.age(unseen, -1);

    expect((await start('delete', { to: at })).body.data.jobs).toBe(2);
    await ended();
    expect(await jobs.dead()).toEqual([unseen]);
  });

  it('wait since they were replayed, not since they were accepted', async () => {
    const [jobId = ''] = await die('acme', 'mended by now', 1);
    await jobs.mark(jobId, { timestamp: String(Date.now() - 86_400_000) });
    await start('replay', {});
    await ended();

    const overview = (await admin.get('/admin/api/overview')).body.data;
    const { oldestWaitingAgeMs } = overview.queues.find(({ name }: { name: string }) => name === QUEUE);
    await jobs.work();

    expect(oldestWaitingAgeMs).toBeLessThan(60_000);
  });

  it('run again, those that are meant', async () => {
    const meant = await die('acme', 'mended by now', 3);
    await die('acme', 'still broken', 1);

    const started = await start('replay', { error: 'mended by now' });
    const { act, total } = await ended();

    expect(started.status).toBe(202);
    expect(act).toMatchObject({
      act: 'replay',
      status: 'completed',
      by: 'admin',
      total: 3,
      done: 3,
      skipped: 0,
    });
    expect(total).toBe(1);
    expect((await jobs.work()).toSorted()).toEqual(meant.toSorted());
  });

  it('are more than one script takes at once', async () => {
    await die('acme', 'many', 2_500);

    expect((await start('delete', {})).body.data.jobs).toBe(2_500);
    const { act, total } = await ended();

    expect(act).toMatchObject({ act: 'delete', total: 2_500, done: 2_500 });
    expect(total).toBe(0);
  });

  it('stay dead when the act is cancelled, from any process', async () => {
    const other = await createTestApp({ role: 'api', variables: app.variables });
    const there = await Visitor.signIn(other.url, { user: 'admin', password: ADMIN_PASSWORD });
    await die('acme', 'too many', 200);
    await start('delete', {}, 10);
    await waitFor('the first to go', read, ({ act }) => act.done > 0);

    const cancelled = await there.send('DELETE', `${LETTERS}/acts/${QUEUE}`);
    const { act, total } = await ended();
    const again = await there.send('DELETE', `${LETTERS}/acts/${QUEUE}`);
    await other.close();

    expect([cancelled.status, again.status]).toEqual([202, 404]);
    expect(act.status).toBe('cancelled');
    expect(total).toBeGreaterThan(100);
    await waitFor(
      'the next act to be let in',
      () => start('delete', {}),
      ({ status }) => status === 202,
    );
  });

  it('are for one act at a time', async () => {
    await die('acme', 'slow', 20);
    await start('delete', {}, 1);

    const refused = await start('replay', {});
    await admin.send('DELETE', `${LETTERS}/acts/${QUEUE}`);

    expect(refused.status).toBe(409);
  });

  it('are in the audit log with what was done, and by whom', async () => {
    await die('acme', 'audited', 2);
    await start('delete', { error: 'audited' }, 500);
    await ended();

    const [entry] = (await admin.get('/admin/api/audit?limit=1')).body.data.items;

    expect(entry).toMatchObject({
      action: 'dead-letter.delete-found',
      userId: 'admin',
      queue: QUEUE,
      count: 2,
      jobIds: null,
      details: { error: 'audited', perSecond: 500 },
    });
  });

  it('refuse what is not clear', async () => {
    expect((await admin.get(`${LETTERS}?queue=no.queue`)).status).toBe(404);
    expect((await start('burn', {})).body.errors).toMatchObject([{ field: 'act' }]);
    expect((await start('delete', { from: 'yesterday' })).body.errors).toMatchObject([
      { field: 'filter.from' },
    ]);
    expect((await start('delete', { reason: 'x' })).body.errors).toMatchObject([{ field: 'filter.reason' }]);
  });
});
