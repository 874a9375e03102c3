import { createHmac, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import jwt, { type SignOptions } from 'jsonwebtoken';
import { buildCustomer } from '../factories/customer';
import { JWT_SECRET } from '../helpers/environment';
import { Stores } from '../helpers/stores';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor } from '../helpers/wait';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const signed = (claims: object, key: string | KeyObject = JWT_SECRET, options: SignOptions = {}): string =>
  jwt.sign(claims, key as string, { ...options });

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

describe('auth', () => {
  const ALICE = { sub: 'alice' };

  describe('with JWT_SECRET', () => {
    let app: TestApp;

    beforeAll(async () => {
      app = await createTestApp({ role: 'api' });
    });

    afterAll(async () => {
      await app.close();
    });

    const now = Math.floor(Date.now() / 1000);
    const [head, payload] = signed(ALICE).split('.');
    const rs256 = `${base64url({ alg: 'RS256', typ: 'JWT' })}.${payload}`;

    it.each<[string, string | undefined]>([
      ['no token', undefined],
      ['an empty header', ''],
      ['another scheme', `Basic ${Buffer.from('alice:secret').toString('base64')}`],
      ['a token without a scheme', signed(ALICE)],
      ['no token after the scheme', 'Bearer '],
      ['what is no token', 'Bearer abc'],
      ['a token without its signature', `Bearer ${head}.${payload}.`],
      [
        'a token that was changed',
        `Bearer ${head}.${base64url({ sub: 'bob' })}.${signed(ALICE).split('.')[2]}`,
      ],
      ['a token of another secret', `Bearer ${signed(ALICE, 'x'.repeat(32))}`],
      ['an expired token', `Bearer ${signed({ ...ALICE, exp: now - 1 })}`],
      ['a token that is not valid yet', `Bearer ${signed({ ...ALICE, nbf: now + 60 })}`],
      ['alg none', `Bearer ${base64url({ alg: 'none', typ: 'JWT' })}.${payload}.`],
      ['another HMAC', `Bearer ${signed(ALICE, JWT_SECRET, { algorithm: 'HS512' })}`],
      ['RS256 over a private key', `Bearer ${signed(ALICE, rsa.privateKey, { algorithm: 'RS256' })}`],
      [
        'RS256 in the header, signed with the secret',
        `Bearer ${rs256}.${createHmac('sha256', JWT_SECRET).update(rs256).digest('base64url')}`,
      ],
      ['a token without sub', `Bearer ${signed({ tenantId: 'acme' })}`],
      ['an empty sub', `Bearer ${signed({ sub: '' })}`],
      ['a sub that is no text', `Bearer ${base64url({ alg: 'HS256' })}.${base64url({ sub: 7 })}.x`],
      ['a tenantId that is no text', `Bearer ${signed({ ...ALICE, tenantId: 7 })}`],
      ['an empty tenantId', `Bearer ${signed({ ...ALICE, tenantId: '' })}`],
      ['a tenantId with control characters', `Bearer ${signed({ ...ALICE, tenantId: 'a\nb' })}`],
      ['a tenantId that is too long', `Bearer ${signed({ ...ALICE, tenantId: 'x'.repeat(256) })}`],
      ['roles that are no list', `Bearer ${signed({ ...ALICE, roles: 'admin' })}`],
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

  describe('with JWT_ISSUER and JWT_AUDIENCE', () => {
    let app: TestApp;

    beforeAll(async () => {
      app = await createTestApp({ role: 'api', variables: { JWT_ISSUER: 'us', JWT_AUDIENCE: 'crm' } });
    });

    afterAll(async () => {
      await app.close();
    });

    it.each([
      [{ iss: 'us', aud: 'crm' }, true],
      [{ iss: 'us', aud: ['other', 'crm'] }, true],
      [{ iss: 'them', aud: 'crm' }, false],
      [{ iss: 'us', aud: 'other' }, false],
      [{ iss: 'us' }, false],
      [{ aud: 'crm' }, false],
    ])('decides on %j: %p', async (claims, entered) => {
      expect(await enters(app, signed({ ...ALICE, ...claims }))).toBe(entered);
    });
  });

  describe.each([
    ['RS256', rsa],
    ['ES256', ec],
  ] as const)('with JWT_PUBLIC_KEY of %s', (algorithm, { publicKey, privateKey }) => {
    let app: TestApp;

    beforeAll(async () => {
      // As in an .env file: line ends written as \n.
      const variables = { JWT_SECRET: '', JWT_PUBLIC_KEY: pem(publicKey).replaceAll('\n', '\\n') };
      app = await createTestApp({ role: 'api', variables });
    });

    afterAll(async () => {
      await app.close();
    });

    it('lets in who has a token of the private key', async () => {
      expect(await enters(app, signed(ALICE, privateKey, { algorithm }))).toBe(true);
    });

    it('refuses a token that takes the public key for a secret', async () => {
      const unsigned = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(ALICE)}`;
      const signature = createHmac('sha256', pem(publicKey)).update(unsigned).digest('base64url');

      expect(await enters(app, `${unsigned}.${signature}`)).toBe(false);
    });

    it('refuses a token of another key', async () => {
      const other =
        algorithm === 'RS256'
          ? generateKeyPairSync('rsa', { modulusLength: 2048 })
          : generateKeyPairSync('ec', { namedCurve: 'P-256' });

      expect(await enters(app, signed(ALICE, other.privateKey, { algorithm }))).toBe(false);
    });
  });

  describe('with JWT_JWKS_URI', () => {
    let keyServer: Server;
    let app: TestApp;

    beforeAll(async () => {
      const jwk = (key: KeyObject, kid: string, alg: string) => ({
        ...key.export({ format: 'jwk' }),
        kid,
        alg,
        use: 'sig',
      });
      const keys = [jwk(rsa.publicKey, 'rsa-1', 'RS256'), jwk(ec.publicKey, 'ec-1', 'ES256')];
      keyServer = createServer((_request, response) => {
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
      });
      await new Promise<void>((resolve) => {
        keyServer.listen(0, '127.0.0.1', resolve);
      });
      const { port } = keyServer.address() as AddressInfo;
      const variables = { JWT_SECRET: '', JWT_JWKS_URI: `http://127.0.0.1:${port}/jwks.json` };
      app = await createTestApp({ role: 'api', variables });
    });

    afterAll(async () => {
      await app.close();
      await new Promise((resolve) => {
        keyServer.close(resolve);
      });
    });

    it.each([
      ['rsa-1', 'RS256', rsa, true],
      ['ec-1', 'ES256', ec, true],
      ['unknown', 'RS256', rsa, false],
      ['ec-1', 'RS256', rsa, false],
    ] as const)('decides on a token of key %s, %s: %p', async (keyid, algorithm, { privateKey }, entered) => {
      expect(await enters(app, signed(ALICE, privateKey, { algorithm, keyid }))).toBe(entered);
    });

    it('refuses a token that is signed with a secret', async () => {
      expect(await enters(app, signed(ALICE, JWT_SECRET, { keyid: 'rsa-1' }))).toBe(false);
    });
  });
});
