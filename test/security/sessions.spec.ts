import jwt from 'jsonwebtoken';
import { ADMIN_PASSWORD, JWT_SECRET } from '../helpers/environment';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { tokenFor } from '../helpers/tokens';

const SESSION = '/admin/api/session';
const VIEWER_PASSWORD = 'viewer password of the tests';
const BOARD = '/admin/queues/api/queues';
const PAUSE = `${BOARD}/customer.jobs/pause`;
const OVER_TLS = { 'x-forwarded-proto': 'https' };

describe("a session's cookie", () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp({ role: 'api', variables: { CORS_ORIGINS: 'https://app.example.com' } });
  });

  afterAll(async () => {
    await app.close();
  });

  const signIn = async (headers: Record<string, string> = {}) => {
    const answer = await fetch(app.url + SESSION, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ user: 'admin', password: ADMIN_PASSWORD }),
    });
    return answer.headers.get('set-cookie') ?? '';
  };
  const pairOf = (cookie: string) => cookie.split(';', 1)[0] ?? '';
  const who = async (headers: Record<string, string>) =>
    ((await (await fetch(app.url + SESSION, { headers })).json()) as { data: unknown }).data;

  it('is hidden from scripts and from other sites, and lasts as long as it is told', async () => {
    const cookie = await signIn();

    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Strict/);
    expect(cookie).toMatch(/; Path=\/(;|$)/);
    expect(cookie).toMatch(/; Max-Age=43200;/);
    expect(cookie).not.toMatch(/; Domain=/);
  });

  it.each([600, 600.0001, 600.1234567])(
    'ends with the token that it is for, %d s from now',
    async (leftS) => {
      const token = jwt.sign({ sub: 'ana', roles: ['operator'], exp: Date.now() / 1000 + leftS }, JWT_SECRET);

      const answer = await fetch(app.url + SESSION, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      });

      expect(answer.status).toBe(200);
      expect(answer.headers.get('set-cookie')).toMatch(/; Max-Age=(600|5\d\d);/);
    },
  );

  it('is for TLS alone, and for this very host, where the browser came by TLS', async () => {
    const cookie = await signIn(OVER_TLS);

    expect(cookie).toMatch(/^__Host-insightcrm_session=/);
    expect(cookie).toMatch(/; Secure/);
    expect(await who({ cookie: pairOf(cookie), ...OVER_TLS })).toMatchObject({ userId: 'admin' });
  });

  it('is not taken over TLS by a name that another host of the domain could set', async () => {
    const planted = pairOf(await signIn());

    expect(await who({ cookie: planted, ...OVER_TLS })).toBeNull();
  });

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: 'https://app.example.com' },
    { origin: 'null' },
  ])('does nothing that a page of another site asks for, with %j', async (headers) => {
    const cookie = pairOf(await signIn());
    const send = async (method: string, path: string, type?: string) =>
      (
        await fetch(app.url + path, {
          method,
          headers: {
            cookie,
            'x-tenant-id': 'acme',
            ...(type !== undefined && { 'content-type': type }),
            ...headers,
          },
          ...(type !== undefined && { body: 'name,email\nAna,ana@example.com\n' }),
        })
      ).status;

    expect([
      await send('PUT', PAUSE),
      await send('DELETE', SESSION),
      await send('POST', '/api/customer/upload', 'text/csv'),
    ]).toEqual([403, 403, 403]);
    expect(await who({ cookie })).toMatchObject({ userId: 'admin' });
  });
});

describe('a session', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp({ role: 'api', variables: { VIEWER_PASSWORD } });
  });

  afterAll(async () => {
    await app.close();
  });

  const signIn = (wish: object) =>
    fetch(app.url + SESSION, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wish),
    });
  const cookieOf = (answer: Response) => (answer.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
  const get = (path: string, cookie: string, url = app.url) => fetch(url + path, { headers: { cookie } });
  const who = async (cookie: string, url?: string) =>
    ((await (await get(SESSION, cookie, url)).json()) as { data: unknown }).data;

  it.each([
    ['a wrong password', { user: 'admin', password: 'wrong' }],
    ["another account's password", { user: 'admin', password: VIEWER_PASSWORD }],
    ['nothing', {}],
    ["a user's token", { token: tokenFor({ roles: ['user'] }) }],
    ['a forged token', { token: `${tokenFor({ roles: ['admin'] })}x` }],
  ])('is not begun by %s', async (_, wish) => {
    const answer = await signIn(wish);

    expect(answer.status).toBe(401);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('is over when the person signs out', async () => {
    const cookie = cookieOf(await signIn({ user: 'admin', password: ADMIN_PASSWORD }));

    const before = await get(BOARD, cookie);
    const answer = await fetch(app.url + SESSION, { method: 'DELETE', headers: { cookie } });

    expect([before.status, answer.status]).toEqual([200, 200]);
    expect(await who(cookie)).toBeNull();
    expect((await get(BOARD, cookie)).status).toBe(401);
  });

  it('is over with the JWT_SECRET that its token was checked with', async () => {
    const token = tokenFor({ sub: 'ana', tenantId: 'acme', roles: ['operator'] });
    const cookie = cookieOf(await signIn({ token }));
    const whoWith = async (JWT_SECRET: string) => {
      const later = await createTestApp({ role: 'api', variables: { ...app.variables, JWT_SECRET } });
      const seen = await who(cookie, later.url);
      await later.close();
      return seen;
    };

    expect(await whoWith('another secret of the tests, of 32 bytes or more')).toBeNull();
    expect(await whoWith(JWT_SECRET)).toMatchObject({ userId: 'ana', role: 'operator' });
  });

  it('is over with the password it began with', async () => {
    const admin = cookieOf(await signIn({ user: 'admin', password: ADMIN_PASSWORD }));
    const viewer = cookieOf(await signIn({ user: 'viewer', password: VIEWER_PASSWORD }));
    const variables = { ...app.variables, ADMIN_PASSWORD: 'another password of the tests' };
    const later = await createTestApp({ role: 'api', variables });

    const seen = await Promise.all([admin, viewer].map((cookie) => who(cookie, later.url)));
    await later.close();

    expect(seen).toEqual([null, { userId: 'viewer', tenantId: null, role: 'viewer' }]);
  });

  it('is another one each time, and none that somebody else could have planted', async () => {
    const planted = 'insightcrm_session=planted-by-somebody-else-0123456789';
    const account = { user: 'viewer', password: VIEWER_PASSWORD };

    const cookies = [cookieOf(await signIn(account)), cookieOf(await signIn(account))];
    const answer = await fetch(app.url + SESSION, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: planted },
      body: JSON.stringify(account),
    });
    cookies.push(cookieOf(answer));

    expect(new Set([...cookies, planted]).size).toBe(4);
    expect(await who(planted)).toBeNull();
  });

  it('is not found in Redis by who reads it there: the cookie is kept as a digest', async () => {
    const cookie = cookieOf(await signIn({ user: 'viewer', password: VIEWER_PASSWORD }));
    const stores = await Stores.of(app);

    const [sessions, telling] = [
      (await stores.keys()).filter((key) => key.includes('session')),
      await stores.keysThatSay(cookie.split('=')[1] ?? 'no cookie'),
    ];
    await stores.close();

    expect(await who(cookie)).toMatchObject({ userId: 'viewer' });
    expect(sessions).not.toEqual([]);
    expect(telling).toEqual([]);
  });
});
