import { KeyServer } from '../helpers/key-server';
import {
  base64url,
  byStranger,
  ec,
  forged,
  hmac,
  jwkOf,
  KEY_SET,
  pemOf,
  rsa,
  SIGNERS,
  strangers,
} from '../helpers/signers';
import { createTestApp, type TestApp } from '../helpers/test-app';

const ALICE = { sub: 'alice', roles: ['admin'] };
const ROUTE = '/api/customer/imports';
const now = () => Math.floor(Date.now() / 1000);
/** Of a server that nobody must ask. */
const trapped = (trap: KeyServer) => `${trap.url}/keys.json`;

describe.each(SIGNERS)('forged tokens, with $name', ({ variables, sign }) => {
  let keyServer: KeyServer;
  let trap: KeyServer;
  let app: TestApp;

  beforeAll(async () => {
    keyServer = await KeyServer.start(() => KEY_SET);
    trap = await KeyServer.start(() => [jwkOf(strangers.publicKey, 'rsa-1', 'RS256')]);
    app = await createTestApp({ role: 'api', variables: variables(`${keyServer.url}/jwks.json`) });
  });

  afterAll(async () => {
    await Promise.all([app.close(), keyServer.close(), trap.close()]);
  });

  const statusOf = async (token: string) =>
    (await fetch(app.url + ROUTE, { headers: { authorization: `Bearer ${token}` } })).status;

  it('are told from good ones', async () => {
    expect(await statusOf(sign(ALICE))).toBe(200);
  });

  it.each(['none', 'None', 'NONE', 'nOnE', ' none', '', null, undefined, ['none']])(
    'are refused that say alg %j, with a signature or without',
    async (alg) => {
      const unsigned = forged({ typ: 'JWT', alg }, ALICE, () => '');
      const [, , signature = ''] = sign(ALICE).split('.');
      const signed = forged({ typ: 'JWT', alg }, ALICE, () => signature);

      expect([await statusOf(unsigned), await statusOf(signed)]).toEqual([401, 401]);
    },
  );

  it.each([
    ['PEM', pemOf(rsa.publicKey)],
    ['PEM without its last line end', pemOf(rsa.publicKey).trimEnd()],
    ['PEM of EC', pemOf(ec.publicKey)],
    ['DER', rsa.publicKey.export({ type: 'spki', format: 'der' })],
    ['JWK', JSON.stringify(rsa.publicKey.export({ format: 'jwk' }))],
    ['modulus', Buffer.from(rsa.publicKey.export({ format: 'jwk' }).n ?? '', 'base64url')],
    ['no text at all', ''],
  ])('are refused that take the public key for a secret: %s', async (_, secret) => {
    const statuses = await Promise.all(
      ['HS256', 'hs256', 'HS512'].map((alg) =>
        statusOf(forged({ alg, typ: 'JWT', kid: 'rsa-1' }, ALICE, hmac(secret))),
      ),
    );

    expect(statuses).toEqual([401, 401, 401]);
  });

  it.each<[string, () => object]>([
    ['expired', () => ({ exp: now() - 1 })],
    ['not valid yet', () => ({ nbf: now() + 60 })],
    ['with an end that is no time', () => ({ exp: 'tomorrow' })],
    ['with a beginning that is no time', () => ({ nbf: 'yesterday' })],
    ['with a tenant that is an object', () => ({ tenantId: { $ne: '' } })],
    ['with a tenant that is a list', () => ({ tenantId: ['acme'] })],
    ['with no tenant', () => ({ tenantId: null })],
    ['with a sub that is a number', () => ({ sub: 7 })],
    ['with roles that are one text', () => ({ roles: 'admin' })],
    ['with roles that are an object', () => ({ roles: { 0: 'admin', length: 1 } })],
  ])('are no better for a good signature: %s', async (_, claims) => {
    expect(await statusOf(sign({ ...ALICE, ...claims() }))).toBe(401);
  });

  it.each([{ crit: ['exp'] }, { crit: [] }, { crit: ['b64'], b64: false }, { crit: 'x' }])(
    'are those with what we would have to understand: %j',
    async (header) => {
      expect(await statusOf(sign(ALICE, header))).toBe(401);
    },
  );

  it('are not checked with a key that they bring or name, and nobody is asked for it', async () => {
    const jwk = jwkOf(strangers.publicKey, 'rsa-1', 'RS256');
    const headers = [
      { jwk },
      { jku: trapped(trap) },
      { x5u: trapped(trap) },
      { x5c: [strangers.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')] },
      { jku: trapped(trap), x5u: trapped(trap), jwk, kid: trapped(trap) },
    ];

    const refused = await Promise.all(
      headers.map((header) => statusOf(forged({ alg: 'RS256', kid: 'rsa-1', ...header }, ALICE, byStranger))),
    );
    const good = await statusOf(sign(ALICE, { jwk, jku: trapped(trap), x5u: trapped(trap) }));

    expect(refused).toEqual(headers.map(() => 401));
    expect(good).toBe(200);
    expect(trap.asked).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['a path', '../../../../../../dev/null'],
    ['a path with an end', '/dev/null\0.pem'],
    ['SQL', "x' UNION SELECT '' --"],
    ['an operator', { $ne: null }],
    ['a list', ['rsa-1']],
    ['a number', 7],
    ['nothing', null],
    ['a prototype', '__proto__'],
    ['a constructor', 'constructor'],
    ['a very long text', 'k'.repeat(5_000)],
    ['an address', 'http://169.254.169.254/latest/meta-data'],
    ['a line', 'rsa-1\r\nx: y'],
  ])('are refused with a key id that is %s', async (_, kid) => {
    const statuses = [
      await statusOf(forged({ alg: 'RS256', kid }, ALICE, byStranger)),
      await statusOf(forged({ alg: 'HS256', kid }, ALICE, hmac(''))),
      await statusOf(forged({ alg: 'HS256', kid }, ALICE, hmac('\0'))),
    ];

    expect(statuses).toEqual([401, 401, 401]);
  });

  it('are those that are huge', async () => {
    const large = sign({ ...ALICE, more: 'x'.repeat(8_000) });
    const huge = sign({ ...ALICE, more: 'x'.repeat(100_000) });

    expect(await statusOf(large)).toBe(401);
    expect(await statusOf(huge)).toBe(431);
    expect(await statusOf(sign({ ...ALICE, more: 'x'.repeat(4_000) }))).toBe(200);
  });

  it('are those that are no token, whatever is between the dots', async () => {
    const [head, claims, signature] = sign(ALICE).split('.');
    const tokens = [
      `${base64url(null)}.${claims}.${signature}`,
      `${base64url([])}.${claims}.${signature}`,
      `${base64url('x')}.${claims}.${signature}`,
      `..${signature}`,
      `${head}.${claims}.${signature}.${signature}`,
      `${head}.${claims}`,
      `${head}..${signature}`,
      `${head}.${claims}.`,
    ];

    expect(await Promise.all(tokens.map(statusOf))).toEqual(tokens.map(() => 401));
  });
});
