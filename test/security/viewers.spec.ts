import { buildCsv } from '../factories/csv';
import { DeadJobs } from '../helpers/dead-jobs';
import { ADMIN_PASSWORD } from '../helpers/environment';
import {
  adminRoutes,
  changesSomething,
  documentedRoutes,
  filled,
  nameOf,
  SIGN_IN,
  type Route,
} from '../helpers/service-routes';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant, tokenFor } from '../helpers/tokens';
import { Visitor } from '../helpers/visitor';

const VIEWER_PASSWORD = 'viewer password of the tests';
const OPERATOR_PASSWORD = 'operator password of the tests';
const BOARD = '/admin/queues/api/queues';
const IMPORTS = '/api/customer/imports';
const PUBLIC = ['GET /api/queue/health', 'GET /health/live', 'GET /health/ready', 'GET /metrics'];
/** Routes of a tenant that a viewer with a session may use for it. */
const OF_A_TENANT = ['GET /api/customer/imports', 'GET /api/customer/imports/{id}'];

describe('a viewer of the admin pages', () => {
  let app: TestApp;
  let jobs: DeadJobs;
  let admin: Visitor;
  let viewer: Visitor;
  let changing: Route[];

  beforeAll(async () => {
    app = await createTestApp({ role: 'api', variables: { VIEWER_PASSWORD, OPERATOR_PASSWORD } });
    jobs = DeadJobs.of(app);
    admin = await Visitor.signIn(app.url, { user: 'admin', password: ADMIN_PASSWORD });
    viewer = await Visitor.signIn(app.url, { user: 'viewer', password: VIEWER_PASSWORD });
    changing = (await adminRoutes()).filter(
      (route) => changesSomething(route) && !SIGN_IN.includes(route.path),
    );
  });

  afterAll(async () => {
    await jobs.close();
    await app.close();
  });

  const bearer = { authorization: `Bearer ${tokenFor({ roles: ['viewer'] })}` };

  it('is refused each route under /admin that changes something, by a session and by a token', async () => {
    const answers = await Promise.all(
      changing.map(async (route) => [
        nameOf(route),
        (await viewer.send(route.method, filled(route.path))).status,
        (await fetch(app.url + filled(route.path), { method: route.method, headers: bearer })).status,
      ]),
    );

    expect(answers).toEqual(changing.map((route) => [nameOf(route), 403, 403]));
  });

  it('finds Bull Board to read in: each of its writing routes, about a job that is there, leaves all as it was', async () => {
    const writing = changing.filter(({ path }) => path.startsWith(BOARD));
    const [jobId = ''] = await jobs.make(1);
    const stateOfAll = async () => [
      await jobs.fields(jobId),
      await jobs.dead(),
      await jobs.queue.getJobCounts(),
      await jobs.queue.isPaused(),
    ];
    const before = await stateOfAll();

    const answers = await Promise.all(
      writing.map(async ({ method, path }) => {
        const about = path.replace(':jobId', jobId).replace(':queueStatus', 'failed');
        const { status } = await viewer.send(method, filled(about), { name: 'X', data: {} });
        return [nameOf({ method, path }), status];
      }),
    );

    expect(answers).toEqual(writing.map((route) => [nameOf(route), 403]));
    expect(writing.map(nameOf)).toEqual(
      expect.arrayContaining([
        `PUT ${BOARD}/:queueName/pause`,
        `PUT ${BOARD}/:queueName/:jobId/clean`,
        `PUT ${BOARD}/:queueName/:jobId/retry`,
        `POST ${BOARD}/:queueName/add`,
        `PATCH ${BOARD}/:queueName/:jobId/update-data`,
      ]),
    );
    expect(await stateOfAll()).toEqual(before);
  });

  it.each([
    '/%61dmin/queues',
    '/admin/%71ueues',
    '/admin/queues/../queues',
    '//admin/queues',
    '/ADMIN/queues',
  ])('pauses nothing by another spelling: %s', async (board) => {
    const path = `${board}/api/queues/customer.jobs/pause`;

    const { status } = await viewer.send('PUT', path);

    expect([403, 404]).toContain(status);
    expect(await jobs.queue.isPaused()).toBe(false);
  });

  it('pauses nothing by a method that the request only says it has', async () => {
    const path = `${BOARD}/customer.jobs/pause`;
    const headers = { 'x-http-method-override': 'PUT', 'x-http-method': 'PUT', 'x-method-override': 'PUT' };

    const answers = [await viewer.get(path, headers), await viewer.get(`${path}?_method=PUT`)];

    expect(answers.map(({ status }) => status)).not.toContain(204);
    expect(await jobs.queue.isPaused()).toBe(false);
  });

  it('is held back by the role, and not by how it asks: an operator pauses and resumes', async () => {
    const operator = await Visitor.signIn(app.url, { user: 'operator', password: OPERATOR_PASSWORD });

    const statuses = [];
    for (const act of ['pause', 'resume'])
      statuses.push((await operator.send('PUT', `${BOARD}/customer.jobs/${act}`)).status);

    expect(statuses).toEqual([200, 200]);
  });

  describe('looking at a job that is about somebody', () => {
    let paths: string[];

    beforeAll(async () => {
      const payload = {
        tenantId: 'acme',
        name: 'Zebedee',
        email: 'zoe@example.com',
        attributes: { a: 'Zap' },
      };
      const [id = ''] = await jobs.make(1, payload, 'No luck with zoe@example.com');
      const returnvalue = JSON.stringify({ name: 'Zebedee', email: 'zoe@example.com' });
      await jobs.mark(id, { returnvalue, stacktrace: '["Error: zoe@example.com"]' });
      paths = [
        `/admin/api/jobs?jobId=${id}`,
        `/admin/api/jobs/customer.jobs/${id}`,
        '/admin/api/dead-letters?queue=customer.jobs',
        `${BOARD}?activeQueue=customer.jobs&status=failed&page=1`,
        `${BOARD}/customer.jobs/${id}`,
      ];
    });

    it('is quoted nothing of its error, also in Bull Board, in which an admin sees it', async () => {
      for (const path of paths) {
        const toAdmin = JSON.stringify((await admin.get(path)).body);
        const shown = JSON.stringify((await viewer.get(path)).body);

        expect(toAdmin).toContain('zoe@example.com');
        expect(shown).toContain('No luck with #');
        expect(shown).not.toContain('zoe@');
      }
    });

    it('is shown payload and result with masks for all that is not an id', async () => {
      const [, story = '', , , board = ''] = paths;

      const inCockpit = (await viewer.get(story)).body.data;
      const { job } = (await viewer.get(board)).body;

      const masked = { tenantId: 'acme', name: '•••', email: '•••', attributes: '•••' };
      expect([inCockpit.masked, inCockpit.payload, job.data]).toEqual([true, masked, masked]);
      expect([inCockpit.result, job.returnValue]).toEqual(Array(2).fill({ name: '•••', email: '•••' }));
      expect([inCockpit.stack, job.stacktrace]).toEqual([[], []]);
    });
  });

  it('watches imports, and neither begins, changes nor downloads one', async () => {
    const tenantId = newTenant();
    const named = { 'x-tenant-id': tenantId };
    const upload = (visitor: Visitor) =>
      visitor.send('POST', '/api/customer/upload', buildCsv({ rows: 3 }), named);
    const { importId } = (await upload(admin)).body.data;

    expect((await viewer.get(IMPORTS, named)).status).toBe(200);
    expect((await upload(viewer)).status).toBe(403);
    for (const act of ['cancel', 'undo'])
      expect((await viewer.send('POST', `${IMPORTS}/${importId}/${act}`, undefined, named)).status).toBe(403);
    for (const report of ['errors', 'results', 'conflicts'])
      expect((await viewer.get(`${IMPORTS}/${importId}/${report}.csv`, named)).status).toBe(403);
  });

  it('is let in to nothing else of a tenant, by a session', async () => {
    const closed = (await documentedRoutes(app)).filter((route) => !PUBLIC.includes(nameOf(route)));

    const answers = await Promise.all(
      closed.map(async (route) => {
        const named = { 'x-tenant-id': 'acme' };
        const { status } = await viewer.send(route.method, filled(route.path), undefined, named);
        return [nameOf(route), status] as const;
      }),
    );

    const open = answers.filter(([, status]) => ![401, 403].includes(status)).map(([name]) => name);
    expect(open.sort()).toEqual(OF_A_TENANT);
  });
});
