import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { startTcpProxy } from '../helpers/tcp-proxy';
import { withPort } from '../helpers/outage';

const ROUTE = '/api/notifications/email';
const WANTED = { to: ['ops@example.com', 'boss@example.com'], types: ['customer.import.failed'] };
const OFF = { enabled: false, to: [], types: [] };
const variables = { SMTP_URL: 'smtp://127.0.0.1:1' };
const put = (app: TestApp, body: unknown, client = app.client()) =>
  client.fetch(ROUTE, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('e-mail notifications of a tenant', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp({ role: 'api', variables });
  });

  afterAll(async () => {
    await app.close();
  });

  it('are off until they are chosen, and stay as they were chosen', async () => {
    const client = app.client();

    const before = await client.get(ROUTE);
    const chosen = await put(app, WANTED, client);
    const after = await client.get(ROUTE);

    expect(before).toMatchObject({ status: 200, body: { success: true, data: OFF } });
    expect(chosen).toMatchObject({
      status: 200,
      body: { success: true, data: { enabled: true, ...WANTED } },
    });
    expect(after.body.data).toEqual({ enabled: true, ...WANTED });
  });

  it('are turned off, and leave nothing behind', async () => {
    const tenantId = `tenant-${crypto.randomUUID()}`;
    const client = app.client({ tenantId });
    await put(app, WANTED, client);

    const { status, body } = await client.delete(ROUTE);
    const again = await client.delete(ROUTE);
    const stores = await Stores.of(app);
    const left = await stores.keysThatSay(tenantId);
    await stores.close();

    expect({ status, data: body.data }).toEqual({ status: 200, data: OFF });
    expect(again.status).toBe(200);
    expect(left).toEqual([]);
  });

  it('are those of no other tenant', async () => {
    await put(app, WANTED);

    expect((await app.client().get(ROUTE)).body.data).toEqual(OFF);
  });

  it('have each address and type once', async () => {
    const { body } = await put(app, {
      to: [' ops@example.com', 'ops@example.com'],
      types: ['customer.created', 'customer.created'],
    });

    expect(body.data).toMatchObject({ to: ['ops@example.com'], types: ['customer.created'] });
  });

  it.each([
    ['to', 'invalid_email', { ...WANTED, to: ['ops@example.com', 'boss'] }],
    ['to', 'invalid_email', { ...WANTED, to: ['ops@example.com\r\nBcc: eve@example.com'] }],
    ['to', 'invalid_email', { ...WANTED, to: ['"a\r\nBcc: eve@example.com"@example.com'] }],
    ['to', 'invalid_email', { ...WANTED, to: [7] }],
    [
      'to',
      'too_many',
      { ...WANTED, to: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${name}@example.com`) },
    ],
    ['to', 'array_not_empty', { ...WANTED, to: [] }],
    ['to', 'is_array', { types: WANTED.types }],
    ['types', 'is_in', { ...WANTED, types: ['customer.updated'] }],
    ['types', 'array_not_empty', { ...WANTED, types: [] }],
    ['cc', 'unknown_field', { ...WANTED, cc: ['eve@example.com'] }],
  ])('are refused for a wrong field %s (%s), which is named and not quoted', async (field, code, body) => {
    const answer = await put(app, body);

    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
    expect(answer.body.errors).toEqual([{ field, code, message: expect.any(String) }]);
    expect(JSON.stringify(answer.body)).not.toContain('eve@');
  });

  it('name the place of an address that is none', async () => {
    const { body } = await put(app, { ...WANTED, to: ['ops@example.com', 'boss'] });

    expect(body.errors[0].message).toMatch('number 2');
  });

  it('need a token', async () => {
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect((await fetch(app.url + ROUTE, { method })).status).toBe(401);
  });

  it('are answered 503 while Redis is away', async () => {
    const proxy = await startTcpProxy(process.env.TEST_REDIS_URL ?? '');
    const cut = await createTestApp({
      role: 'api',
      variables: { ...variables, REDIS_URL: withPort(process.env.TEST_REDIS_URL, proxy.port) },
    });
    proxy.cut();

    const answers = [await cut.client().get(ROUTE), await put(cut, WANTED), await cut.client().delete(ROUTE)];
    await cut.close();
    await proxy.close();

    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(Number(answers[1]?.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('can not be chosen where the service has no mail server, which is said', async () => {
    const mute = await createTestApp({ role: 'api' });

    const refused = await put(mute, WANTED);
    const read = await mute.client().get(ROUTE);
    const stats = await mute.client().get('/api/queue/stats');
    await mute.close();

    expect(refused).toMatchObject({
      status: 409,
      body: { success: false, detail: 'This service sends no e-mail: SMTP_URL is not set.' },
    });
    expect(read.body.data).toEqual(OFF);
    expect(Object.keys(stats.body.data)).not.toContain('email.messages');
  });
});
