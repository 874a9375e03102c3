import { connect } from 'node:net';
import { CommandWatch } from '../helpers/command-watch';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant, tokenFor } from '../helpers/tokens';

/** Needs Redis only: an API is ready before it has MongoDB. */
const ROUTE = '/api/customer/imports';

describe('RATE_LIMIT_PER_MINUTE', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp({
      role: 'api',
      variables: { RATE_LIMIT_PER_MINUTE: '5', RATE_LIMIT_PER_ADDRESS: '0' },
    });
  });

  afterAll(async () => {
    await app.close();
  });

  const ask = async (tenantId: string, times: number, on: TestApp = app) => {
    const answers = [];
    for (let time = 0; time < times; time++) {
      // Of several users: the limit is the tenant's.
      answers.push(await on.client({ tenantId, sub: `user-${time}` }).get(ROUTE));
    }
    return answers;
  };

  /** In one packet, so that they come in one turn of the event loop. */
  const askAtOnce = async (tenantId: string, times: number) => {
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname).setEncoding('latin1');
    const head = `GET ${ROUTE} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${tokenFor({ tenantId })}\r\n`;
    socket.write(`${head}\r\n`.repeat(times - 1) + `${head}Connection: close\r\n\r\n`);
    const text = (await socket.toArray()).join('');
    return [...text.matchAll(/HTTP\/1\.1 (\d+)[^]*?^ratelimit: "tenant";r=(\d+)/gm)].map(
      ([, status, left]) => ({
        status: Number(status),
        left: Number(left),
      }),
    );
  };

  it('lets so many requests of a tenant pass, and answers 429 to the next one', async () => {
    const answers = await ask(newTenant(), 6);

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
  });

  it('lets exactly so many pass of requests that come at once, and tells each what was left then', async () => {
    const tenantId = newTenant();

    const answers = await askAtOnce(tenantId, 30);

    const passed = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 429);
    expect(passed.map(({ left }) => left).sort()).toEqual([0, 1, 2, 3, 4]);
    expect(refused).toEqual(Array(25).fill({ status: 429, left: 0 }));
  });

  it('is told in the RateLimit headers of each answer', async () => {
    const answers = await ask(newTenant(), 2);

    expect(answers.map(({ headers }) => headers.get('ratelimit-policy'))).toEqual([
      '"tenant";q=5;w=60',
      '"tenant";q=5;w=60',
    ]);
    expect(answers.map(({ headers }) => headers.get('ratelimit'))).toEqual([
      expect.stringMatching(/^"tenant";r=4;t=\d+$/),
      expect.stringMatching(/^"tenant";r=3;t=\d+$/),
    ]);
  });

  it('refuses with a problem that says when to come back', async () => {
    const [refused] = (await ask(newTenant(), 6)).slice(-1);

    expect(refused?.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused?.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(refused?.headers.get('ratelimit')).toMatch(/^"tenant";r=0;t=\d+$/);
    expect(refused?.body).toMatchObject({ title: 'Too Many Requests', status: 429, success: false });
  });

  it('leaves other tenants alone', async () => {
    await ask(newTenant(), 6);

    expect((await ask(newTenant(), 1)).map(({ status }) => status)).toEqual([200]);
  });

  it('counts over all API processes together', async () => {
    const tenantId = newTenant();
    const other = await createTestApp({ role: 'api', variables: app.variables });

    await ask(tenantId, 3);
    const answers = await ask(tenantId, 3, other);
    await other.close();

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  });

  it('is not counted on for who is over it, which costs Redis nothing', async () => {
    const tenantId = newTenant();
    await ask(tenantId, 6);
    const watch = await CommandWatch.on(app);

    const answers = await ask(tenantId, 3);
    const asked = await watch.about(tenantId);
    await watch.close();

    expect(answers.map(({ status }) => status)).toEqual([429, 429, 429]);
    expect(asked).toEqual([]);
  });

  it('counts no request without a token', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 8 }, async () => (await fetch(app.url + ROUTE)).status),
    );

    expect(statuses).toEqual(Array(8).fill(401));
  });

  it('is no limit when it is 0', async () => {
    const unlimited = await createTestApp({ role: 'api', variables: { RATE_LIMIT_PER_MINUTE: '0' } });

    const answers = await ask(newTenant(), 20, unlimited);
    await unlimited.close();

    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(answers[0]?.headers.get('ratelimit')).toBeNull();
  });
});
