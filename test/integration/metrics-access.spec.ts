import { ADMIN, Scrape } from '../helpers/scrape';
import { createTestApp, type TestApp, type TestRole } from '../helpers/test-app';
import { tokenFor } from '../helpers/tokens';

const OPERATOR_PASSWORD = 'password of an operator';
const VIEWER_PASSWORD = 'password of a viewer';
const basic = (account: string): string => `Basic ${Buffer.from(account).toString('base64')}`;
const bearer = (...roles: string[]): string => `Bearer ${tokenFor({ roles })}`;

describe.each<TestRole>(['api', 'worker', 'all'])('the metrics of the role %s', (role) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp({ role, variables: { OPERATOR_PASSWORD, VIEWER_PASSWORD } });
  });

  afterAll(async () => {
    await app.close();
  });

  const statusFor = async (authorization: string) => (await Scrape.of(app.url, authorization)).status;

  it.each([
    ['the token of an operator', () => bearer('operator')],
    ['the token of an admin', () => bearer('user', 'admin')],
    ['the account of the admin', () => ADMIN],
    ['the account of the operator', () => basic(`operator:${OPERATOR_PASSWORD}`)],
  ])('open for %s', async (_, authorization) => {
    expect(await statusFor(authorization())).toBe(200);
  });

  it.each([
    ['the token of a user', () => bearer('user')],
    ['the token of a viewer', () => bearer('viewer')],
    ['the account of a viewer', () => basic(`viewer:${VIEWER_PASSWORD}`)],
  ])('are forbidden to %s', async (_, authorization) => {
    expect(await statusFor(authorization())).toBe(403);
  });

  it.each([
    ['nothing', ''],
    ['no token of ours', 'Bearer abc'],
    ['a wrong password', basic('admin:wrong password')],
    ['another scheme', 'Digest abc'],
  ])('are closed to %s', async (_, authorization) => {
    const answer = await fetch(`${app.url}/metrics`, { headers: authorization ? { authorization } : {} });

    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
    expect(await answer.json()).toMatchObject({ status: 401, success: false });
  });

  it('open for anybody with METRICS_PUBLIC=true', async () => {
    const open = await createTestApp({ role, variables: { METRICS_PUBLIC: 'true' } });

    const answer = await fetch(`${open.url}/metrics`);
    await open.close();

    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('insightcrm_build_info');
  });
});

describe('the metrics of a worker without a key for tokens', () => {
  it('open for an account alone', async () => {
    const worker = await createTestApp({ role: 'worker', variables: { JWT_SECRET: '' } });

    const withToken = await Scrape.of(worker.url, bearer('admin'));
    const withPassword = await Scrape.of(worker.url, ADMIN);
    await worker.close();

    expect([withToken.status, withPassword.status]).toEqual([401, 200]);
  });
});
