import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import jwt from 'jsonwebtoken';
import { buildCustomer } from '../factories/customer';
import { JWT_SECRET } from '../helpers/environment';
import { KeyServer } from '../helpers/key-server';
import { KEY_SET, SIGNERS } from '../helpers/signers';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';

const signed = (claims: object, key = JWT_SECRET): string => jwt.sign(claims, key);

/** A route that needs no more than a token and Redis: an API is ready before it has MongoDB. */
const ROUTE = '/api/customer/imports';
const CREATE = '/api/customer';
const get = (app: TestApp, authorization?: string) =>
  fetch(app.url + ROUTE, { headers: authorization === undefined ? {} : { authorization } });
const enters = async (app: TestApp, token: string): Promise<boolean> => {
  const { status } = await get(app, `Bearer ${token}`);
  if (status !== 200 && status !== 401) throw new Error(`Neither let in nor refused: ${status}`);
  return status === 200;
};

describe('tokens', () => {
  const ALICE = { sub: 'alice' };

  describe('with JWT_SECRET', () => {
    let app: TestApp;

    beforeAll(async () => {
      app = await createTestApp({ role: 'api' });
    });

    afterAll(async () => {
      await app.close();
    });

    it.each<[string, string | undefined]>([
      ['no token', undefined],
      ['an empty header', ''],
      ['another scheme', `Basic ${Buffer.from('alice:secret').toString('base64')}`],
      ['a token without a scheme', signed(ALICE)],
      ['no token after the scheme', 'Bearer '],
      ['what is no token', 'Bearer abc'],
      ['a token of another secret', `Bearer ${signed(ALICE, 'x'.repeat(32))}`],
      ['a token without sub', `Bearer ${signed({ tenantId: 'acme' })}`],
      ['an empty sub', `Bearer ${signed({ sub: '' })}`],
      ['an empty tenantId', `Bearer ${signed({ ...ALICE, tenantId: '' })}`],
      ['a tenantId with control characters', `Bearer ${signed({ ...ALICE, tenantId: 'a\nb' })}`],
      ['a tenantId that is too long', `Bearer ${signed({ ...ALICE, tenantId: 'x'.repeat(256) })}`],
    ])('answers 401 to %s', async (_, authorization) => {
      const response = await get(app, authorization);

      expect(response.status).toBe(401);
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect(await response.json()).toEqual({
        type: 'about:blank',
        title: 'Unauthorized',
        status: 401,
        detail: 'A valid Bearer token is required.',
        instance: ROUTE,
        success: false,
        message: 'A valid Bearer token is required.',
        requestId: response.headers.get('x-request-id'),
      });
    });

    it('refuses a token from the second on in which it expires, though it let in before', async () => {
      const exp = Math.floor(Date.now() / 1000) + 2;
      const token = signed({ ...ALICE, exp });

      const before = await enters(app, token);
      await waitFor(
        'the token to expire',
        () => Promise.resolve(Date.now()),
        (now) => now >= exp * 1000,
      );

      expect([before, await enters(app, token)]).toEqual([true, false]);
    });

    it('queues nothing for a caller without a token', async () => {
      const stores = await Stores.of(app);

      const response = await fetch(app.url + CREATE, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(buildCustomer()),
      });
      const upload = await fetch(`${app.url}/api/customer/upload`, {
        method: 'POST',
        headers: { 'content-type': 'text/csv' },
        body: 'name,email\nAna,ana@example.com\n',
      });

      expect([response.status, upload.status]).toEqual([401, 401]);
      expect(await stores.uploadKeys()).toEqual([]);
      await stores.close();
    });

    it('takes the sub as the tenant where the token names none', async () => {
      const sub = randomUUID();
      const stores = await Stores.of(app);

      await fetch(app.url + CREATE, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${signed({ sub })}` },
        body: JSON.stringify(buildCustomer()),
      });

      const [job] = await stores.queue.getJobs(['waiting']);
      expect(job?.data).toMatchObject({ userId: sub, tenantId: sub });
      await stores.close();
    });

    it('gives the role of a user, no more, where the token names none or one that is unknown', async () => {
      const statuses = await Promise.all(
        [undefined, ['user'], ['root'], ['operator'], ['admin']].map(async (roles) => {
          const token = signed({ ...ALICE, ...(roles && { roles }) });
          const headers = { authorization: `Bearer ${token}` };
          const read = await fetch(app.url + ROUTE, { headers });
          const operate = await fetch(`${app.url}/api/queue/customer.jobs/details`, { headers });
          return [read.status, operate.status];
        }),
      );

      expect(statuses).toEqual([
        [200, 403],
        [200, 403],
        [200, 403],
        [200, 200],
        [200, 200],
      ]);
    });
  });

  describe.each(SIGNERS)('with JWT_ISSUER, JWT_AUDIENCE and $name', ({ variables, sign }) => {
    let keyServer: KeyServer;
    let app: TestApp;

    beforeAll(async () => {
      keyServer = await KeyServer.start(() => KEY_SET);
      const key = variables(`${keyServer.url}/jwks.json`);
      app = await createTestApp({
        role: 'api',
        variables: { ...key, JWT_ISSUER: 'us', JWT_AUDIENCE: 'crm' },
      });
    });

    afterAll(async () => {
      await Promise.all([app.close(), keyServer.close()]);
    });

    it.each([
      [{ iss: 'us', aud: 'crm' }, true],
      [{ iss: 'us', aud: ['other', 'crm'] }, true],
      [{ iss: 'them', aud: 'crm' }, false],
      [{ iss: 'us', aud: 'other' }, false],
      [{ iss: 'us' }, false],
      [{ aud: 'crm' }, false],
      [{ iss: ['us'], aud: 'crm' }, false],
      [{ iss: 'US', aud: 'crm' }, false],
      [{ iss: 'us', aud: 'crm.example.com' }, false],
    ])('decides on %j: %p', async (claims, entered) => {
      expect(await enters(app, sign({ ...ALICE, ...claims }))).toBe(entered);
    });
  });

  describe('that are elsewhere than in the one Authorization header', () => {
    let app: TestApp;

    beforeAll(async () => {
      app = await createTestApp({ role: 'api' });
    });

    afterAll(async () => {
      await app.close();
    });

    it.each(['access_token', 'token', 'auth_token', 'jwt', 'authorization'])(
      'are not seen in the query, as %s',
      async (name) => {
        const url = `${app.url}${ROUTE}?${name}=${signed(ALICE)}`;

        expect((await fetch(url)).status).toBe(401);
      },
    );

    it('are not seen in a body, a cookie or another header', async () => {
      const token = signed(ALICE);

      const answers = await Promise.all([
        fetch(app.url + CREATE, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ ...buildCustomer(), access_token: token, auth_token: token }),
        }),
        ...[
          'cookie',
          'x-access-token',
          'x-auth-token',
          'proxy-authorization',
          'x-forwarded-authorization',
        ].map((name) =>
          fetch(app.url + ROUTE, {
            headers: { [name]: name === 'cookie' ? `jwt=${token}` : `Bearer ${token}` },
          }),
        ),
      ]);

      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    });

    it.each([
      ['of two tenants', `Bearer ${signed({ sub: 'bob' })}`],
      ['of which one is a password', `Basic ${Buffer.from('admin:x').toString('base64')}`],
      ['of which one is no token', 'Bearer x'],
    ])('are refused when there are two, %s, in either order', async (_, other) => {
      const good = `Bearer ${signed(ALICE)}`;
      const statuses = await Promise.all(
        [
          [good, other],
          [other, good],
        ].map((both) => statusWith(app, both)),
      );

      expect(await statusWith(app, [good])).toBe(200);
      expect(statuses).toEqual([400, 400]);
    });
  });
});

/** Sends each Authorization header as it is: fetch would make one of them. */
function statusWith({ url }: TestApp, authorizations: string[]): Promise<number> {
  const { hostname, port, host } = new URL(url);
  const headers = ['host', host, ...authorizations.flatMap((value) => ['Authorization', value])];
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path: ROUTE, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject).end();
  });
}
