import { ADMIN_PASSWORD } from '../helpers/environment';
import { sendRaw, statusesIn } from '../helpers/raw-http';
import { createTestApp, type TestApp } from '../helpers/test-app';

const ORIGIN = 'https://app.example.com';
const ASKED = { origin: ORIGIN, 'access-control-request-method': 'POST' };
const corsHeadersOf = ({ headers }: Response) =>
  [...headers.keys()].filter((name) => name.startsWith('access-control-'));

describe('CORS', () => {
  let closed: TestApp;
  let open: TestApp;

  beforeAll(async () => {
    closed = await createTestApp({ role: 'api' });
    const variables = { CORS_ORIGINS: `${ORIGIN},http://localhost:5173` };
    open = await createTestApp({ role: 'api', variables });
  });

  afterAll(async () => {
    await Promise.all([closed.close(), open.close()]);
  });

  const preflight = (app: TestApp, path = '/api/customer', headers: Record<string, string> = ASKED) =>
    fetch(app.url + path, { method: 'OPTIONS', headers });

  it.each(['/api/customer', '/docs', '/openapi.json', '/admin', '/health/live'])(
    'is closed without CORS_ORIGINS: %s',
    async (path) => {
      const answers = [
        await preflight(closed, path),
        await fetch(closed.url + path, { headers: { origin: ORIGIN } }),
      ];

      expect(answers.map(corsHeadersOf)).toEqual([[], []]);
    },
  );

  it('lets pages of CORS_ORIGINS send what the API takes', async () => {
    const answer = await preflight(open);

    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(answer.headers.get('access-control-allow-methods')).toBe('GET, HEAD, POST, PATCH, DELETE');
    expect(answer.headers.get('access-control-allow-headers')).toMatch(/authorization.*idempotency-key/);
    expect(answer.headers.get('access-control-max-age')).toBe('600');
  });

  it('lets them read the headers that the API answers with, failures too', async () => {
    const answer = await fetch(`${open.url}/api/customer`, { headers: { origin: ORIGIN } });

    const exposed = answer.headers.get('access-control-expose-headers')?.split(', ');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(exposed).toEqual(
      expect.arrayContaining([
        'location',
        'x-request-id',
        'ratelimit',
        'retry-after',
        'idempotency-replayed',
      ]),
    );
    expect(answer.headers.get('vary')).toMatch(/\bOrigin\b/i);
  });

  it.each([
    'https://evil.example',
    'https://app.example.com.evil.example',
    'http://app.example.com',
    'https://app.example.com:8443',
    'null',
  ])('stays closed to pages of %s', async (origin) => {
    const answers = [
      await preflight(open, '/api/customer', { ...ASKED, origin }),
      await fetch(`${open.url}/api/customer`, { headers: { origin } }),
    ];

    expect(answers.map(({ headers }) => headers.get('access-control-allow-origin'))).toEqual([null, null]);
    expect(answers.map(({ headers }) => headers.get('vary') ?? '')).toEqual([
      expect.stringMatching(/Origin/i),
      expect.stringMatching(/Origin/i),
    ]);
  });

  it('never lets them use a cookie', async () => {
    expect((await preflight(open)).headers.get('access-control-allow-credentials')).toBeNull();
  });

  it.each(['/admin', '/admin/api/session', '/admin/queues', '/%61dmin/api/session', '/ad%6Din/queues'])(
    'is closed on %s to them, too',
    async (path) => {
      const answers = [
        await preflight(open, path),
        await fetch(open.url + path, { headers: { origin: ORIGIN } }),
      ];

      expect(answers.map(({ headers }) => headers.get('access-control-allow-origin'))).toEqual([null, null]);
    },
  );
});

describe('the headers of an answer', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp();
  });

  afterAll(async () => {
    await app.close();
  });

  const basic = `Basic ${Buffer.from(`admin:${ADMIN_PASSWORD}`).toString('base64')}`;
  const get = (path: string, headers: Record<string, string> = {}) => fetch(app.url + path, { headers });
  const policyOf = ({ headers }: Response) => headers.get('content-security-policy');

  it.each([
    '/api/customer',
    '/api/customer/nothing/here',
    '/nothing',
    '/openapi.json',
    '/asyncapi.json',
    '/health/live',
    '/metrics',
    '/docs',
    '/docs/swagger-ui-init.js',
    '/admin',
    '/admin/api/session',
    '/admin/queues',
  ])('of %s tell no browser what runs here, and let it do nothing but what was meant', async (path) => {
    const { headers } = await get(path);

    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';.*frame-ancestors 'none'/);
    expect([headers.get('x-powered-by'), headers.get('server')]).toEqual([null, null]);
  });

  it('of the API are that it is no page', async () => {
    expect(policyOf((await app.client().get('/api/customer')) as never)).toBe(
      "default-src 'none'; frame-ancestors 'none'",
    );
  });

  it.each([
    ['the cockpit', '/admin', { accept: 'text/html' }],
    ['Bull Board', '/admin/queues', { authorization: basic }],
    ['the documentation', '/docs', {}],
  ])('of %s let it run its own scripts alone', async (_, path, headers) => {
    const answer = await get(path, headers);

    expect(answer.status).toBe(200);
    expect(policyOf(answer)).toMatch(/script-src 'self';/);
    expect(policyOf(answer)).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline|https?:|\*/);
  });

  it.each(['/api/customer', '/api/customer/export.csv', '/api/queue/stats', '/api/nothing', '/metrics'])(
    'of %s have nobody keep it',
    async (path) => {
      const answer = await app.client().fetch(path);

      expect(answer.headers.get('cache-control')).toBe('no-store');
    },
  );

  it('let browsers keep the parts of a page, which are the same for all', async () => {
    const page = await (await get('/admin', { accept: 'text/html' })).text();
    const [, script = ''] = /src="([^"]+\.js)"/.exec(page) ?? [];

    expect((await get(script)).headers.get('cache-control')).toMatch(/max-age=31536000, immutable/);
  });

  it('ask for TLS from then on where it was TLS, and say nothing of it elsewhere', async () => {
    const plain = await get('/docs');
    const overTls = await get('/docs', { 'x-forwarded-proto': 'https' });

    expect(plain.headers.get('strict-transport-security')).toBeNull();
    expect(overTls.headers.get('strict-transport-security')).toBe('max-age=31536000');
  });

  it.each([
    ['no HTTP', 'NOT HTTP\r\n\r\n', 400],
    ['too large a head', `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['headers that do not come', 'GET / HTTP/1.1\r\n', 408],
  ])('are those of one to what never became a request, as well: %s', async (_, sent, status) => {
    const impatient = await createTestApp({ role: 'api', variables: { HEADERS_TIMEOUT_MS: '500' } });

    const answer = await sendRaw(impatient.url, sent);
    await impatient.close();

    const headers = answer.slice(0, answer.indexOf('\r\n\r\n')).split('\r\n').slice(1);
    expect(statusesIn(answer)).toEqual([status]);
    expect(headers).toEqual(
      expect.arrayContaining([
        "content-security-policy: default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options: nosniff',
        'x-frame-options: DENY',
        'referrer-policy: same-origin',
        'cache-control: no-store',
      ]),
    );
  });

  it('are those of a worker as well', async () => {
    const worker = await createTestApp({ role: 'worker' });

    const { headers } = await fetch(`${worker.url}/health/live`);
    await worker.close();

    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
  });
});
