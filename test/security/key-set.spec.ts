import { KeyServer } from '../helpers/key-server';
import { byEc, byRsa, byStranger, forged, KEY_SET } from '../helpers/signers';
import { createTestApp, type TestApp } from '../helpers/test-app';

const ALICE = { sub: 'alice' };
const ROUTE = '/api/customer/imports';

describe('a key set', () => {
  let keyServer: KeyServer;
  let app: TestApp;
  let shown: () => object[];

  beforeEach(async () => {
    shown = () => KEY_SET;
    keyServer = await KeyServer.start(() => shown());
    const variables = { JWT_SECRET: '', JWT_JWKS_URI: `${keyServer.url}/jwks.json` };
    app = await createTestApp({ role: 'api', variables });
  });

  afterEach(async () => {
    await Promise.all([app.close(), keyServer.close()]);
  });

  const ask = (token: string) => fetch(app.url + ROUTE, { headers: { authorization: `Bearer ${token}` } });
  const statusOf = async (token: string) => (await ask(token)).status;
  const ofRsa = (claims: object = ALICE) => forged({ alg: 'RS256', kid: 'rsa-1' }, claims, byRsa);

  it.each([
    ['rsa-1', 'RS256', byRsa, 200],
    ['ec-1', 'ES256', byEc, 200],
    ['ec-1', 'RS256', byRsa, 401],
    ['rsa-1', 'ES256', byEc, 401],
    ['unknown', 'RS256', byRsa, 401],
    [undefined, 'RS256', byRsa, 401],
  ] as const)('decides on a token of key %s, %s', async (kid, alg, signature, status) => {
    expect(await statusOf(forged({ alg, kid }, ALICE, signature))).toBe(status);
  });

  it('is asked for once, however many tokens name keys that are not in it', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        statusOf(forged({ alg: 'RS256', kid: `unknown-${index}` }, ALICE, byStranger)),
      ),
    );

    const later = await statusOf(forged({ alg: 'RS256', kid: 'unknown' }, ALICE, byStranger));

    expect(new Set([...statuses, later])).toEqual(new Set([401]));
    expect(keyServer.asked).toEqual(['/jwks.json']);
  });

  it('keeps letting in who has a good token while others name keys that are not in it', async () => {
    const others = Array.from({ length: 200 }, (_, index) =>
      statusOf(forged({ alg: 'ES256', kid: `${index}` }, ALICE, byStranger)),
    );
    const good = Array.from({ length: 20 }, (_, index) => statusOf(ofRsa({ ...ALICE, jti: `${index}` })));

    expect(new Set(await Promise.all(good))).toEqual(new Set([200]));
    expect(new Set(await Promise.all(others))).toEqual(new Set([401]));
  });

  it('is not asked for by tokens that no key of it could have signed', async () => {
    const statuses = await Promise.all(
      ['HS256', 'none', 'PS256', 'ES384', 'RS1'].map((alg) =>
        statusOf(forged({ alg, kid: 'rsa-1' }, ALICE, byStranger)),
      ),
    );

    expect(statuses).toEqual([401, 401, 401, 401, 401]);
    expect(keyServer.asked).toEqual([]);
  });

  it('is said to be missing where it is, with 503: the token may be good', async () => {
    shown = () => {
      throw new Error('no keys today');
    };

    const answer = await ask(ofRsa());
    const operator = ofRsa({ ...ALICE, roles: ['operator'] });
    const metrics = await fetch(`${app.url}/metrics`, { headers: { authorization: `Bearer ${operator}` } });

    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.text()).not.toContain(keyServer.url);
    expect(metrics.status).toBe(503);
  });
});
