import { ADMIN_PASSWORD } from '../helpers/environment';
import {
  adminRoutes,
  documentedRoutes,
  filled,
  nameOf,
  SIGN_IN,
  type Route,
} from '../helpers/service-routes';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { tokenFor } from '../helpers/tokens';
import { Visitor } from '../helpers/visitor';

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

describe('what is not for everybody', () => {
  let app: TestApp;
  let documented: Route[];
  let admin: Route[];

  beforeAll(async () => {
    app = await createTestApp();
    documented = await documentedRoutes(app);
    admin = await adminRoutes();
  });

  afterAll(async () => {
    await app.close();
  });

  const send = async ({ method, path }: Route, headers: Record<string, string> = {}) => {
    const answer = await fetch(app.url + filled(path), {
      method,
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
      documented.filter((route) => FOR_OPERATORS.includes(nameOf(route)) && route.method === 'GET'),
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
