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

  it('is over with the password it began with', async () => {
    const admin = cookieOf(await signIn({ user: 'admin', password: ADMIN_PASSWORD }));
    const viewer = cookieOf(await signIn({ user: 'viewer', password: VIEWER_PASSWORD }));
    const variables = { ...app.variables, ADMIN_PASSWORD: 'another password of the tests' };
    const later = await createTestApp({ role: 'api', variables });

    const seen = await Promise.all(
      [admin, viewer].map(async (cookie) =>
        dataOf(await fetch(later.url + SESSION, { headers: { cookie } })),
      ),
    );
    await later.close();

    expect(seen).toEqual([null, { userId: 'viewer', tenantId: null, role: 'viewer' }]);
  });

  it.each([
    ['a wrong password', { user: 'admin', password: 'wrong' }],
    ["another account's password", { user: 'admin', password: VIEWER_PASSWORD }],
    ['nothing', {}],
    ["a user's token", { token: tokenFor({ roles: ['user'] }) }],
    ['a forged token', { token: `${tokenFor({ roles: ['admin'] })}x` }],
  ])('refuses %s', async (_, wish) => {
    const answer = await signIn(wish);

    expect(answer.status).toBe(401);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('is over when the person signs out', async () => {
    const cookie = cookieOf(await signIn({ user: 'admin', password: ADMIN_PASSWORD }));

    const answer = await fetch(app.url + SESSION, { method: 'DELETE', headers: { cookie } });

    expect(answer.status).toBe(200);
    expect(await who(cookie)).toBeNull();
    expect((await get('/admin/queues/api/queues', { cookie })).status).toBe(401);
  });

  it('lasts no longer than the token it came from', async () => {
    const answer = await signIn({ token: tokenFor({ roles: ['operator'] }) });

    const [, maxAge] = /Max-Age=(\d+)/.exec(answer.headers.get('set-cookie') ?? '') ?? [];
    expect(Number(maxAge)).toBeLessThanOrEqual(3600);
    expect(Number(maxAge)).toBeGreaterThan(3500);
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

  it('is refused for a while to who guessed too often, with the right password too', async () => {
    const own = await createTestApp({ role: 'api' });
    const guesses = await Promise.all(
      Array.from({ length: 10 }, () => signIn({ user: 'admin', password: 'no' }, own.url)),
    );

    const refused = await signIn({ user: 'admin', password: ADMIN_PASSWORD }, own.url);
    await own.close();

    expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([401]));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(200);
  });
});
