import { readFile } from 'node:fs/promises';
import { ADMIN_PASSWORD } from '../helpers/environment';
import { sendRaw, statusesIn } from '../helpers/raw-http';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { tokenFor } from '../helpers/tokens';

const SESSION = '/admin/api/session';
const OPERATOR_PASSWORD = 'operator password of the tests';

describe('who guesses passwords', () => {
  let app: TestApp;

  beforeEach(async () => {
    app = await createTestApp({ role: 'api', variables: { OPERATOR_PASSWORD } });
  });

  afterEach(async () => {
    await app.close();
  });

  const signIn = async (wish: object, on = app, address = '192.0.2.1') => {
    const answer = await fetch(on.url + SESSION, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
      body: JSON.stringify(wish),
    });
    return answer.status;
  };
  const basic = async (user: string, password: string) => {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    return (await fetch(`${app.url}/admin/queues/api/queues`, { headers: { authorization } })).status;
  };
  const answersOf = (statuses: number[]) => ({
    wrong: statuses.filter((status) => status === 401).length,
    wait: statuses.filter((status) => status === 429).length,
  });

  it.each([
    ['signing in', (password: string) => signIn({ user: 'admin', password })],
    ['with Basic', (password: string) => basic('admin', password)],
  ])('has ten tries, also when all come at once: %s', async (_, attempt) => {
    const statuses = await Promise.all(Array.from({ length: 60 }, (_each, n) => attempt(`guess ${n}`)));

    expect(answersOf(statuses)).toEqual({ wrong: 10, wait: 50 });
    expect(await attempt(ADMIN_PASSWORD)).toBe(429);
  });

  it('has ten tries, also when all come in one packet', async () => {
    const head = (password: string) =>
      `GET /admin/queues/api/queues HTTP/1.1\r\nhost: x\r\nauthorization: Basic ${Buffer.from(`admin:${password}`).toString('base64')}\r\n`;
    const guesses = Array.from({ length: 60 }, (_, n) => `${head(`guess ${n}`)}\r\n`).join('');

    const answers = await sendRaw(app.url, `${guesses}${head(ADMIN_PASSWORD)}connection: close\r\n\r\n`);

    expect(answersOf(statusesIn(answers))).toEqual({ wrong: 10, wait: 51 });
  });

  it('has no more tries for going through names, accounts or forged tokens', async () => {
    const wishes = [
      ...['admin', 'operator', 'viewer', 'root'].map((user) => ({ user, password: 'guess' })),
      ...['', 'a', '\0', 'admin:'].map((password) => ({ user: 'admin', password })),
      { token: `${tokenFor({ roles: ['admin'] })}x` },
      { user: 'operator', password: ADMIN_PASSWORD },
    ];
    for (const wish of wishes) expect(await signIn(wish)).toBe(401);

    expect(await signIn({ user: 'operator', password: OPERATOR_PASSWORD })).toBe(429);
  });

  it('is told how long to wait, with the right password too', async () => {
    for (let n = 0; n < 10; n += 1) await signIn({ user: 'admin', password: `guess ${n}` });

    const refused = await fetch(app.url + SESSION, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'admin', password: ADMIN_PASSWORD }),
    });

    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(200);
  });

  it.each(['192.0.2.7', '192.0.2.7:50123', '2001:db8:1:2::7', '::ffff:192.0.2.9'])(
    'is nobody who signs in well, however often, from %s',
    async (address) => {
      const proxied = await createTestApp({ role: 'api', variables: { TRUSTED_PROXIES: '127.0.0.0/8' } });
      const statuses: number[] = [];
      for (let time = 0; time < 15; time += 1)
        statuses.push(await signIn({ user: 'admin', password: ADMIN_PASSWORD }, proxied, address));
      await proxied.close();

      expect(new Set(statuses)).toEqual(new Set([200]));
    },
  );

  it('learns nothing from how long a comparison takes: digests of one length are compared, of all accounts', async () => {
    const source = await readFile('src/auth/admin-credentials.ts', 'utf8');

    expect(source).toMatch(
      /createHash\('sha256'\)\.update\(text\)\.digest\(\);\s+return timingSafeEqual\(digest\(given\), digest\(expected\)\)/,
    );
    // No comparison ends at the first account that is right.
    expect(source).toMatch(/accounts\.filter\(\(one\) =>\s+equal\(/);
    expect(source).not.toMatch(/password ===|=== password|accounts\.(find|some)/);
  });
});
