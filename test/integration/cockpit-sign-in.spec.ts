import { ADMIN_PASSWORD } from '../helpers/environment';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { tokenFor } from '../helpers/tokens';

const SESSION = '/admin/api/session';
const OPERATOR_PASSWORD = 'operator password of the tests';
const VIEWER_PASSWORD = 'viewer password of the tests';

describe('signing in to the cockpit', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp({ variables: { OPERATOR_PASSWORD, VIEWER_PASSWORD } });
  });

  afterAll(async () => {
    await app.close();
  });

  const signIn = (wish: object, url = app.url) =>
    fetch(url + SESSION, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wish),
    });
  const cookieOf = (answer: Response) => (answer.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
  const get = (path: string, headers: Record<string, string> = {}) => fetch(app.url + path, { headers });
  const dataOf = async (answer: Response) => ((await answer.json()) as { data: unknown }).data;
  const who = async (cookie: string) => dataOf(await get(SESSION, { cookie }));

  it.each([
    ['admin', ADMIN_PASSWORD, 'admin'],
    ['operator', OPERATOR_PASSWORD, 'operator'],
    ['viewer', VIEWER_PASSWORD, 'viewer'],
  ])('lets %s in with the password, as what they are', async (user, password, role) => {
    const answer = await signIn({ user, password });

    const visitor = { userId: user, tenantId: null, role };
    expect(await dataOf(answer)).toEqual(visitor);
    expect(await who(cookieOf(answer))).toEqual(visitor);
    expect((await get('/admin/queues/api/queues', { cookie: cookieOf(answer) })).status).toBe(200);
  });

  it.each(['viewer', 'operator', 'admin'])('lets in with a token of the role %s', async (role) => {
    const answer = await signIn({ token: tokenFor({ tenantId: 'acme', roles: ['user', role], sub: 'ana' }) });

    expect(await who(cookieOf(answer))).toEqual({ userId: 'ana', tenantId: 'acme', role });
  });

  it('shows the page to a browser that comes, and the data to nobody who is not signed in', async () => {
    const page = await get('/admin', { accept: 'text/html' });
    const deep = await get('/admin/jobs', { accept: 'text/html' });
    const script = /src="(\/admin\/assets\/[^"]+\.js)"/.exec(await page.text())?.[1] ?? '';

    expect([page.status, deep.status]).toEqual([200, 200]);
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    );
    expect((await get(script)).status).toBe(200);
    expect((await get('/admin/api/nothing', { accept: 'text/html' })).status).toBe(401);
  });

  it('asks a script that is not signed in without a dialogue of the browser', async () => {
    const answer = await get('/admin/queues/api/queues', { accept: 'application/json' });

    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).not.toMatch(/Basic/);
  });
});
