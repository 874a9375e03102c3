import { testVariables } from '../helpers/environment';
import { startProcess, type ServiceProcess } from '../helpers/process';
import { fuzz } from '../helpers/schemathesis';
import { newTenant, tokenFor } from '../helpers/tokens';
import { LOCAL } from '../helpers/webhook-stage';

/** For jest: several times what a run takes on two busy cores. */
const TIMEOUT_MS = 300_000;

/** OWASP API8:2023 and API9:2023: nothing that is sent breaks the service, and its document is true. */
describe('the API, sent whatever comes up', () => {
  let api: ServiceProcess;
  let worker: ServiceProcess;

  beforeAll(async () => {
    // Hosts of this machine are allowed, where nobody listens: see hooks.py.
    const variables = { ...testVariables(), ...LOCAL, LOG_LEVEL: 'info', RATE_LIMIT_PER_MINUTE: '0' };
    [api, worker] = await Promise.all([
      startProcess({ ...variables, APP_ROLE: 'api' }),
      startProcess({ ...variables, APP_ROLE: 'worker' }),
    ]);
  });

  afterAll(async () => {
    for (const process of [api, worker]) process.signal('SIGTERM');
    await Promise.all([api.ended, worker.ended]);
  });

  const faults = (): unknown[] =>
    [...api.lines(), ...worker.lines()].filter(({ level }) => Number(level) >= 50 || level === 'error');

  it(
    'answers an admin as its document says, whatever is sent',
    async () => {
      const token = tokenFor({ roles: ['user', 'operator', 'admin'] });

      const output = await fuzz({ url: api.url, token });

      const [, selected, all] = /Selected: (\d+)\/(\d+)/.exec(output) ?? [];
      expect(Number(selected)).toBeGreaterThan(40);
      expect(selected).toBe(all);
      expect(faults()).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it.each([
    ['a user', tokenFor({ tenantId: newTenant() }), ['examples', 'coverage'] as const],
    ['somebody without a token', undefined, ['examples'] as const],
  ])(
    'answers %s as its document says, whatever is sent',
    async (_, token, phases) => {
      await fuzz({ url: api.url, token, phases: [...phases] });

      expect(faults()).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
