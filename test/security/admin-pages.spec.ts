import { request } from 'node:http';
import { DeadJobs } from '../helpers/dead-jobs';
import { ADMIN_PASSWORD } from '../helpers/environment';
import { startTcpProxy } from '../helpers/tcp-proxy';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { tokenFor } from '../helpers/tokens';
import { waitFor } from '../helpers/wait';

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const ADMIN = basic('admin', ADMIN_PASSWORD);
const BOARD_API = '/admin/queues/api/queues';

interface RawAnswer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

/** Sends the path as it is: fetch would tidy it up. */
function send(url: string, path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { hostname, port } = new URL(url);
  return new Promise<RawAnswer>((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    sent.on('error', reject).end();
  });
}

describe('admin pages', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp();
  });

  afterAll(async () => {
    await app.close();
  });

  const get = (path: string, authorization?: string) =>
    send(app.url, path, authorization === undefined ? {} : { authorization });

  it.each(['/admin', '/admin/queues', '/admin/queues/', '/admin/queues/static/images/logo.svg', BOARD_API])(
    'asks who comes to %s, and says nothing else',
    async (path) => {
      const answer = await get(path);

      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/);
      expect(answer.body).toBe('Sign in.\n');
    },
  );

  it.each(['/admin/nothing', '/admin/queues/nothing', '/admin?x=1'])(
    'does not tell that %s is not there',
    async (path) => {
      expect((await get(path)).status).toBe(401);
    },
  );

  it.each([
    '//admin/queues',
    '/./admin/queues',
    '/admin/../admin/queues',
    '/docs/../admin/queues',
    '/ADMIN/queues',
    '/Admin/Queues/api/queues',
    '/admin%2fqueues',
    '/%61dmin/queues',
    '/%61dmin/queues/api/queues',
    '/admin;/queues',
    '/admin\\queues',
    '/admin/queues%3f',
    '/admin%00/queues',
    '/admin/queues/static/..%2f..%2findex.ejs',
    'http://localhost/admin/queues/api/queues',
  ])('is not opened by another spelling: %s', async (path) => {
    const answer = await get(path);

    expect([400, 401, 403, 404]).toContain(answer.status);
    expect(answer.body).not.toMatch(/customer\.jobs|<html/);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])('closes %s as well', async (method) => {
    expect((await send(app.url, `${BOARD_API}/customer.jobs/pause`, {}, method)).status).toBe(401);
  });

  it.each([
    ['a wrong password', basic('admin', 'wrong')],
    ['a wrong user', basic('root', ADMIN_PASSWORD)],
    ['no password', basic('admin', '')],
    ['what is no Base64', 'Basic %%%'],
    ["a user's token", `Bearer ${tokenFor({ roles: ['user'] })}`],
    ['a forged token', `Bearer ${tokenFor({ roles: ['admin'] })}x`],
  ])('does not let in with %s', async (_, authorization) => {
    expect((await get(BOARD_API, authorization)).status).toBe(401);
  });

  it.each([
    ['the admin password', ADMIN],
    ["an operator's token", `Bearer ${tokenFor({ roles: ['operator'] })}`],
    ["an admin's token", `Bearer ${tokenFor({ roles: ['admin'] })}`],
  ])('lets in with %s', async (_, authorization) => {
    const answer = await get(BOARD_API, authorization);

    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({
      queues: [{ name: 'customer.jobs' }, { name: 'maintenance.jobs' }, { name: 'webhook.deliveries' }],
    });
  });

  it.each([BOARD_API, '/metrics'])('lets an address that guesses passwords wait, on %s', async (path) => {
    const guessed = await createTestApp({ role: 'api' });
    const statuses: number[] = [];
    for (let guess = 0; guess < 10; guess += 1)
      statuses.push(
        (await send(guessed.url, path, { authorization: basic('admin', `guess ${guess}`) })).status,
      );

    const right = await send(guessed.url, path, { authorization: ADMIN });
    const byToken = await send(guessed.url, path, {
      authorization: `Bearer ${tokenFor({ roles: ['operator'] })}`,
    });
    await guessed.close();

    expect(statuses).toEqual(Array.from({ length: 10 }, () => 401));
    expect(right.status).toBe(429);
    expect(Number(right.headers['retry-after'])).toBeGreaterThan(200);
    expect(byToken.status).toBe(200);
  });

  it('is not opened by any password where none is set', async () => {
    const closed = await createTestApp({ role: 'api', variables: { ADMIN_PASSWORD: '' } });

    const answers = await Promise.all(
      [basic('admin', ''), basic('admin', 'undefined'), ADMIN].map((authorization) =>
        send(closed.url, BOARD_API, { authorization }),
      ),
    );
    await closed.close();

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
  });

  it('shows a page that asks no other site for anything', async () => {
    const page = await get('/admin/queues', ADMIN);

    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toMatch("default-src 'none'");
    expect(page.body).toMatch('static/js/main');
    expect(page.body).not.toMatch(/(href|src)="https?:/);
  });

  it('runs a job again that an administrator retries', async () => {
    const jobs = DeadJobs.of(app);
    const { id: jobId = '' } = await jobs.queue.add('NO_SUCH_JOB', {});
    const diedAt = () => jobs.redis.zscore(jobs.queue.toKey('failed'), jobId);
    const first = await waitFor('the job to die', diedAt, (score) => score !== null);

    const retry = await send(
      app.url,
      `${BOARD_API}/customer.jobs/${jobId}/retry`,
      { authorization: ADMIN },
      'PUT',
    );
    const second = await waitFor('it to die again', diedAt, (score) => score !== null && score !== first);
    await jobs.close();

    expect(retry).toMatchObject({ status: 204, body: '' });
    expect(Number(second)).toBeGreaterThan(Number(first));
  });

  it.each(['cross-site', 'same-site'])(
    'does nothing that a page of another site asks for: %s',
    async (site) => {
      const headers = { authorization: ADMIN, 'sec-fetch-site': site };

      const refused = await send(app.url, `${BOARD_API}/customer.jobs/pause`, headers, 'PUT');
      const details = await app.client({ roles: ['operator'] }).get('/api/queue/customer.jobs/details');

      expect(refused.status).toBe(403);
      expect(details.body.data.paused).toBe(false);
    },
  );

  it('says that Redis is away instead of waiting for it', async () => {
    const redis = await startTcpProxy(process.env.TEST_REDIS_URL ?? '');
    redis.cut();
    const variables = { REDIS_URL: `redis://127.0.0.1:${redis.port}` };
    const alone = await createTestApp({ role: 'api', variables, awaitReady: false });

    const answer = await send(alone.url, BOARD_API, { authorization: ADMIN });
    await alone.close();
    await redis.close();

    expect(answer).toMatchObject({ status: 500, body: expect.stringContaining('Redis does not answer') });
  });

  it('gives the page to a browser that has a session, also while Redis is away: it says so itself', async () => {
    const redis = await startTcpProxy(process.env.TEST_REDIS_URL ?? '');
    redis.cut();
    const variables = { REDIS_URL: `redis://127.0.0.1:${redis.port}` };
    const alone = await createTestApp({ role: 'api', variables, awaitReady: false });
    const cookie = 'insightcrm_session=some-session';

    const page = await send(alone.url, '/admin/jobs', { cookie, accept: 'text/html' });
    const [, asset = ''] = /src="([^"]+)"/.exec(page.body) ?? [];
    const script = await send(alone.url, asset, { cookie });
    const who = await send(alone.url, '/admin/api/session', { cookie, accept: 'application/json' });
    await alone.close();
    await redis.close();

    expect([page.status, script.status, who.status]).toEqual([200, 200, 503]);
    expect(page.headers['content-type']).toContain('text/html');
  });

  it('is no page of a worker', async () => {
    const worker = await createTestApp({ role: 'worker' });

    const answer = await send(worker.url, '/admin/queues', { authorization: ADMIN });
    await worker.close();

    expect(answer.status).toBe(404);
  });
});
