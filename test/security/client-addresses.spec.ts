import { ADMIN_PASSWORD } from '../helpers/environment';
import { startOwnRedis } from '../helpers/own-redis';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant } from '../helpers/tokens';

/** Needs Redis only: an API is ready before it has MongoDB. */
const ROUTE = '/api/customer/imports';
const LIMIT = 20;

describe('RATE_LIMIT_PER_ADDRESS', () => {
  const apps: TestApp[] = [];

  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
  });

  /** Behind a proxy that tells addresses, so that each test has its own. */
  const start = async (variables: Record<string, string> = {}) => {
    const app = await createTestApp({
      role: 'api',
      variables: { RATE_LIMIT_PER_ADDRESS: String(LIMIT), TRUSTED_PROXIES: '127.0.0.0/8', ...variables },
    });
    apps.push(app);
    return app;
  };
  const askFrom = (app: TestApp, address: string, path = ROUTE, headers: Record<string, string> = {}) =>
    fetch(app.url + path, { headers: { 'x-forwarded-for': address, ...headers } });
  const statusesFrom = async (
    app: TestApp,
    address: string,
    times: number,
    path = ROUTE,
    headers: Record<string, string> = {},
  ) => {
    const statuses: number[] = [];
    for (let time = 0; time < times; time += 1) {
      const answer = await askFrom(app, address, path, headers);
      await answer.arrayBuffer();
      statuses.push(answer.status);
    }
    return statuses;
  };
  const tokenOf = (app: TestApp, tenantId = newTenant()) => ({
    authorization: `Bearer ${app.client({ tenantId }).token}`,
  });
  const times = (count: number, status: number): number[] => Array<number>(count).fill(status);

  it.each([
    ['without a token', {}],
    ['with a bad token', { authorization: 'Bearer no.such.token' }],
  ])('lets so many requests pass %s, and answers 429 to the next one', async (_, headers) => {
    const app = await start();

    expect(await statusesFrom(app, '192.0.2.1', LIMIT + 2, ROUTE, headers)).toEqual([
      ...times(LIMIT, 401),
      ...times(2, 429),
    ]);
  });

  it('counts requests of all tenants, and of all routes', async () => {
    const app = await start();
    const paths = ['/docs', '/nothing', '/admin', '/openapi.json', ROUTE];

    for (let n = 0; n < LIMIT; n += 1)
      await (await askFrom(app, '192.0.2.1', paths[n % paths.length] ?? '', tokenOf(app))).arrayBuffer();
    const refused = await Promise.all(
      paths.map(async (path) => (await askFrom(app, '192.0.2.1', path, tokenOf(app))).status),
    );

    expect(refused).toEqual(times(paths.length, 429));
  });

  it('refuses with a problem that says when to come back', async () => {
    const app = await start();
    await statusesFrom(app, '192.0.2.1', LIMIT);

    const refused = await askFrom(app, '192.0.2.1');

    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(refused.headers.get('ratelimit')).toMatch(/^"address";r=0;t=\d+$/);
    expect(await refused.json()).toMatchObject({ status: 429, detail: expect.stringContaining('address') });
  });

  it('comes after the size of a head, and before the kind of a body and the token', async () => {
    const app = await start();
    const post = { method: 'POST', body: 'text', headers: { 'x-forwarded-for': '192.0.2.1' } };
    const many = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`x-${index}`, '']));
    const send = async (headers: Record<string, string> = {}) =>
      (await fetch(`${app.url}/api/customer`, { ...post, headers: { ...post.headers, ...headers } })).status;

    const within = await send();
    await statusesFrom(app, '192.0.2.1', LIMIT);

    expect([within, await send(), await send(many)]).toEqual([415, 429, 431]);
  });

  it('is told beside the limit of the tenant, to who is known and who is not', async () => {
    const app = await start({ RATE_LIMIT_PER_MINUTE: '5' });
    const token = tokenOf(app);

    const answers = [
      await askFrom(app, '192.0.2.1', ROUTE, token),
      await askFrom(app, '192.0.2.1', ROUTE, token),
    ];

    expect(answers.map(({ headers }) => headers.get('ratelimit-policy'))).toEqual(
      Array(2).fill(`"tenant";q=5;w=60, "address";q=${LIMIT};w=60`),
    );
    expect(answers.map(({ headers }) => headers.get('ratelimit'))).toEqual([
      expect.stringMatching(/^"tenant";r=4;t=\d+, "address";r=19;t=\d+$/),
      expect.stringMatching(/^"tenant";r=3;t=\d+, "address";r=18;t=\d+$/),
    ]);
  });

  it('counts over all API processes together', async () => {
    const app = await start();
    const other = await start(app.variables);

    const statuses = [
      ...(await statusesFrom(app, '192.0.2.1', 12)),
      ...(await statusesFrom(other, '192.0.2.1', 12)),
    ];

    expect(statuses).toEqual([...times(LIMIT, 401), ...times(4, 429)]);
  });

  it('counts what browsers ask before they send for a page of another site, of open origins too', async () => {
    const origin = 'https://app.example.com';
    const app = await start({ CORS_ORIGINS: origin });
    const asked = { origin, 'access-control-request-method': 'POST' };
    const preflight = async (path: string, headers: Record<string, string> = asked) => {
      const from = { 'x-forwarded-for': '192.0.2.1', ...headers };
      return (await fetch(app.url + path, { method: 'OPTIONS', headers: from })).status;
    };
    const statuses: number[] = [await preflight(ROUTE, {}), await preflight(ROUTE, { origin })];
    while (statuses.length <= LIMIT) statuses.push(await preflight(ROUTE));

    expect(statuses).toEqual([...times(LIMIT, 204), 429]);
    expect(await preflight('/admin')).toBe(429);
    expect(await statusesFrom(app, '192.0.2.1', 1)).toEqual([429]);
  });

  it('refuses with an answer that a page of an open origin can read', async () => {
    const origin = 'https://app.example.com';
    const app = await start({ CORS_ORIGINS: origin });
    await statusesFrom(app, '192.0.2.1', LIMIT);

    const refused = await askFrom(app, '192.0.2.1', ROUTE, { origin });

    expect(refused.status).toBe(429);
    expect(refused.headers.get('access-control-allow-origin')).toBe(origin);
  });

  it('leaves other addresses alone', async () => {
    const app = await start();
    await statusesFrom(app, '192.0.2.1', LIMIT + 1);

    expect(await statusesFrom(app, '192.0.2.2', 1)).toEqual([401]);
  });

  it('takes all of the /64 of an IPv6 address for one', async () => {
    const app = await start();
    const statuses: number[] = [];
    for (let n = 1; n <= LIMIT + 1; n += 1)
      statuses.push(...(await statusesFrom(app, `2001:db8:1:2::${n.toString(16)}`, 1)));

    expect(statuses).toEqual([...times(LIMIT, 401), 429]);
    expect(await statusesFrom(app, '2001:db8:1:3::1', 1)).toEqual([401]);
  });

  it.each(['/health/live', '/health/ready', '/api/queue/health', '/metrics'])(
    'does not count %s, and does not refuse it',
    async (path) => {
      const app = await start({ METRICS_PUBLIC: 'true' });

      expect(await statusesFrom(app, '192.0.2.1', LIMIT + 5, path)).toEqual(times(LIMIT + 5, 200));
      expect(await statusesFrom(app, '192.0.2.1', LIMIT + 1)).toEqual([...times(LIMIT, 401), 429]);
      expect(await statusesFrom(app, '192.0.2.1', 1, path)).toEqual([200]);
    },
  );

  it('is counted per process while Redis hangs, which delays nobody for long', async () => {
    const redis = await startOwnRedis();
    const app = await start({ REDIS_URL: redis.url });
    redis.freeze();
    const began = Date.now();

    const statuses = await statusesFrom(app, '192.0.2.1', LIMIT + 1);
    const tookMs = Date.now() - began;
    redis.thaw();

    expect(statuses).toEqual([...times(LIMIT, 401), 429]);
    expect(tookMs).toBeLessThan(3_000);
  });

  it('is ten times RATE_LIMIT_PER_MINUTE where it is not set', async () => {
    const app = await start({ RATE_LIMIT_PER_ADDRESS: '', RATE_LIMIT_PER_MINUTE: '2' });

    expect(await statusesFrom(app, '192.0.2.1', 21)).toEqual([...times(20, 401), 429]);
  });

  it.each([{}, { RATE_LIMIT_PER_MINUTE: '5' }])('is no limit when it is 0, with %j', async (variables) => {
    const app = await start({ RATE_LIMIT_PER_ADDRESS: '0', ...variables });

    expect(await statusesFrom(app, '192.0.2.1', 60)).toEqual(times(60, 401));
  });
});

describe('X-Forwarded-For', () => {
  let behindProxy: TestApp;
  let alone: TestApp;

  beforeAll(async () => {
    const variables = { RATE_LIMIT_PER_ADDRESS: '12' };
    behindProxy = await createTestApp({
      role: 'api',
      variables: { ...variables, TRUSTED_PROXIES: '127.0.0.0/8,198.51.100.0/24' },
    });
    alone = await createTestApp({ role: 'api', variables });
  });

  afterAll(async () => {
    await Promise.all([behindProxy.close(), alone.close()]);
  });

  const lastOf = async (app: TestApp, times: number, address: (n: number) => string) => {
    let last: Response | undefined;
    for (let n = 0; n < times; n += 1)
      last = await fetch(app.url + ROUTE, { headers: { 'x-forwarded-for': address(n) } });
    return last?.status;
  };

  it('is believed of a proxy that is trusted', async () => {
    expect(await lastOf(behindProxy, 13, (n) => `192.0.2.${n}`)).toBe(401);
  });

  it('is believed as far as the proxies that are trusted, and not what stood there before', async () => {
    expect(await lastOf(behindProxy, 13, (n) => `192.0.2.${n}, 203.0.113.7, 198.51.100.1`)).toBe(429);
  });

  it('is ignored of everybody where no proxy is trusted', async () => {
    expect(await lastOf(alone, 13, (n) => `192.0.2.${n}`)).toBe(429);
  });

  it('does not free who guesses passwords from waiting', async () => {
    const app = await createTestApp({ role: 'api' });
    const guess = (password: string, n: number) =>
      fetch(`${app.url}/admin/api/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': `192.0.2.${n}` },
        body: JSON.stringify({ user: 'admin', password }),
      });
    for (let n = 0; n < 10; n += 1) await guess('wrong', n);

    const right = await guess(ADMIN_PASSWORD, 99);
    await app.close();

    expect(right.status).toBe(429);
  });
});
