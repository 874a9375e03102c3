import { createApiApp } from '../../src/api-app';
import { Environment } from '../../src/config/environment';
import { createLogger } from '../../src/logging/logger';
import { ADMIN_PASSWORD, testVariables } from '../helpers/environment';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { tokenFor } from '../helpers/tokens';
import { Visitor } from '../helpers/visitor';

const VIEWER_PASSWORD = 'viewer password of the tests';
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

interface Route {
  method: string;
  path: string;
}

/** What needs no token at all. */
const PUBLIC = ['GET /api/queue/health', 'GET /health/live', 'GET /health/ready'];
/** What is for who runs the service, not for tenants. */
const FOR_OPERATORS = [
  'DELETE /api/queue/{queueName}/dead-letter/{jobId}',
  'GET /api/queue/audit',
  'GET /api/queue/{queueName}/dead-letter',
  'GET /api/queue/{queueName}/details',
  'GET /metrics',
  'POST /api/queue/test/event',
  'POST /api/queue/test/job',
  'POST /api/queue/{queueName}/dead-letter/retry',
];
/** Routes of a tenant that a viewer of the admin pages may use for it; operators may use those after them, too. */
const FOR_VIEWERS = ['GET /api/customer/imports', 'GET /api/customer/imports/{id}'];
/** Parts of the page on which people sign in. */
const SIGN_IN = ['/admin', '/admin/api/session', '/admin/assets/*'];

const nameOf = ({ method, path }: Route) => `${method.toUpperCase()} ${path}`;
const filled = (path: string) =>
  path
    .replace(/\{queueName\}|:queueName|:queue\b/, 'customer.jobs')
    .replaceAll(/\{\w+\}|:\w+|\*/g, '00000000-0000-7000-8000-000000000000');

/** What is served under `/admin`, in the router's spelling. */
async function adminRoutes(): Promise<Route[]> {
  const environment = Environment.read(testVariables({ APP_ROLE: 'api' }));
  const app = await createApiApp(environment, createLogger(environment));
  const routes: Route[] = [];
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', ({ method, url }) => {
      for (const verb of [method].flat()) routes.push({ method: verb, path: url });
    });
  await app.init();
  await app.close();
  return routes.filter(({ path }) => path.startsWith('/admin'));
}

describe('what is not for everybody', () => {
  let app: TestApp;
  let documented: Route[];
  let admin: Route[];

  beforeAll(async () => {
    app = await createTestApp({ variables: { VIEWER_PASSWORD } });
    const { paths } = (await (await fetch(`${app.url}/openapi.json`)).json()) as {
      paths: Record<string, object>;
    };
    documented = Object.entries(paths).flatMap(([path, item]) =>
      METHODS.filter((method) => method in item).map((method) => ({ method, path })),
    );
    admin = await adminRoutes();
  });

  afterAll(async () => {
    await app.close();
  });

  const send = async ({ method, path }: Route, headers: Record<string, string> = {}) => {
    const answer = await fetch(app.url + filled(path), {
      method: method.toUpperCase(),
      headers: { accept: 'application/json', ...headers },
    });
    // The status only: a stream of events has no end.
    await answer.body?.cancel();
    return answer.status;
  };
  const answered = async (routes: Route[], headers?: Record<string, string>) =>
    Promise.all(routes.map(async (route) => [nameOf(route), await send(route, headers)] as const));
  const bearer = (...roles: string[]) => ({ authorization: `Bearer ${tokenFor({ roles })}` });

  it('is every documented route but three, to who has no token', async () => {
    const closed = documented.filter((route) => !PUBLIC.includes(nameOf(route)));

    const answers = await answered(closed);

    expect(answers).toEqual(closed.map((route) => [nameOf(route), 401]));
  });

  it.each([['user'], ['viewer'], ['user', 'viewer'], ['root'], ['Operator'], ['operator ']])(
    'is what operators have, and nothing else, to who has the roles %j',
    async (...roles) => {
      const answers = await answered(documented, bearer(...roles));

      const refused = answers.filter(([, status]) => status === 403).map(([name]) => name);
      expect(refused.sort()).toEqual(FOR_OPERATORS);
    },
  );

  it.each(['operator', 'admin'])('is not what operators have, to an %s', async (role) => {
    const answers = await answered(
      documented.filter((route) => FOR_OPERATORS.includes(nameOf(route)) && route.method === 'get'),
      bearer(role),
    );

    expect(answers.map(([, status]) => status)).toEqual([200, 200, 200, 200]);
  });

  it('is every page and route under /admin, to a stranger and to a user', async () => {
    const closed = admin.filter(({ path }) => !SIGN_IN.includes(path));

    for (const headers of [{}, bearer('user'), { cookie: 'insightcrm_session=guessed' }]) {
      const answers = await answered(closed, headers);
      expect(answers.filter(([, status]) => status !== 401)).toEqual([]);
    }
    expect(closed.length).toBeGreaterThan(30);
  });

  it('is all that changes something under /admin, to a viewer', async () => {
    const changing = admin.filter(
      ({ method, path }) => !['GET', 'HEAD', 'OPTIONS'].includes(method) && !SIGN_IN.includes(path),
    );
    const viewer = await Visitor.signIn(app.url, { user: 'viewer', password: VIEWER_PASSWORD });

    const bySession = await Promise.all(
      changing.map(async (route) => (await viewer.send(route.method, filled(route.path))).status),
    );
    const byToken = await answered(changing, bearer('viewer'));

    expect(new Set([...bySession, ...byToken.map(([, status]) => status)])).toEqual(new Set([403]));
    expect(changing.some(({ path }) => path.startsWith('/admin/queues/api/'))).toBe(true);
  });

  it('is all of a tenant but its imports, to a viewer with a session, and all that changes those', async () => {
    const viewer = await Visitor.signIn(app.url, { user: 'viewer', password: VIEWER_PASSWORD });
    const tenant = { 'x-tenant-id': 'acme' };

    const answers = await Promise.all(
      documented
        .filter((route) => !PUBLIC.includes(nameOf(route)) && route.path !== '/metrics')
        .map(async (route) => {
          const { status } = await viewer.send(
            route.method.toUpperCase(),
            filled(route.path),
            undefined,
            tenant,
          );
          return [nameOf(route), status] as const;
        }),
    );

    const open = answers.filter(([, status]) => ![401, 403].includes(status)).map(([name]) => name);
    expect(open.sort()).toEqual(FOR_VIEWERS);
  });

  it('is another tenant, to who signed in with a token of one', async () => {
    const token = tokenFor({ tenantId: 'acme', roles: ['operator'] });
    const client = app.client({ tenantId: 'other' });
    await client.upload('name,email\nOther,other@example.com\n');
    const visitor = await Visitor.signIn(app.url, { token });
    const asAccount = await Visitor.signIn(app.url, { user: 'admin', password: ADMIN_PASSWORD });
    const named = { 'x-tenant-id': 'other' };

    const seen = (await visitor.get('/api/customer/imports', named)).body.data.items;
    const byAccount = (await asAccount.get('/api/customer/imports', named)).body.data.items;

    expect([seen.length, byAccount.length]).toEqual([0, 1]);
  });
});
