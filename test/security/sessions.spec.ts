import { ADMIN_PASSWORD } from '../helpers/environment';
import { createTestApp, type TestApp } from '../helpers/test-app';

const SESSION = '/admin/api/session';
const PAUSE = '/admin/queues/api/queues/customer.jobs/pause';
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
