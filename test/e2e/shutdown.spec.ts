import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { testVariables } from '../helpers/environment';
import { startOwnRedis } from '../helpers/own-redis';
import { startProcess, runService } from '../helpers/process';
import { startTcpProxy } from '../helpers/tcp-proxy';
import { tokenFor } from '../helpers/tokens';
import { waitFor } from '../helpers/wait';
import { withPort } from '../helpers/outage';

const SHUTDOWN_TIMEOUT_MS = 1_000;
const ROLES = ['api', 'worker', 'all'];
const variables = (overrides: Record<string, string>) =>
  testVariables({ LOG_LEVEL: 'info', SHUTDOWN_TIMEOUT_MS: String(SHUTDOWN_TIMEOUT_MS), ...overrides });

describe('a process that is told to stop', () => {
  it.each(ROLES)('exits with 0 as %s while Redis is away', async (role) => {
    const redis = await startOwnRedis();
    const service = await startProcess(variables({ APP_ROLE: role, REDIS_URL: redis.url }));
    await redis.kill();
    await waitFor(
      'the process to notice',
      async () => (await fetch(`${service.url}/health/ready`)).status,
      (status) => status === 503,
    );

    const toldAt = performance.now();
    service.signal('SIGTERM');
    const code = await service.ended;

    expect(performance.now() - toldAt).toBeLessThan(SHUTDOWN_TIMEOUT_MS + 2_000);
    expect({ code, errors: errorsOf(service) }).toEqual({ code: 0, errors: [] });
    expect(service.output()).not.toContain('Connection is closed');
  });

  it.each(ROLES)('exits with 0 as %s while Redis hangs', async (role) => {
    const redis = await startOwnRedis();
    const service = await startProcess(variables({ APP_ROLE: role, REDIS_URL: redis.url }));
    redis.freeze();

    const toldAt = performance.now();
    service.signal('SIGTERM');
    const code = await service.ended;

    expect(performance.now() - toldAt).toBeLessThan(SHUTDOWN_TIMEOUT_MS + 2_000);
    expect({ code, errors: errorsOf(service) }).toEqual({ code: 0, errors: [] });
    expect(service.output()).not.toContain('Connection is closed');
  });

  it.each(ROLES.flatMap((role) => (['cut', 'freeze'] as const).map((how) => [role, how] as const)))(
    'exits with 0 as %s while MongoDB is away: %s',
    async (role, how) => {
      const proxy = await startTcpProxy(process.env.TEST_MONGODB_URI ?? '');
      const all = variables({ APP_ROLE: role });
      const service = await startProcess({ ...all, MONGODB_URI: withPort(all.MONGODB_URI, proxy.port) });
      proxy[how]();

      const toldAt = performance.now();
      service.signal('SIGTERM');
      const code = await service.ended;

      expect(performance.now() - toldAt).toBeLessThan(SHUTDOWN_TIMEOUT_MS + 2_000);
      expect({ code, errors: errorsOf(service) }).toEqual({ code: 0, errors: [] });
    },
  );

  it.each(ROLES)('exits with 0 as %s when its servers were never there', async (role) => {
    const away = { REDIS_URL: 'redis://127.0.0.1:1', MONGODB_URI: 'mongodb://127.0.0.1:1/none' };
    const { child, output, ended } = runService(variables({ APP_ROLE: role, ...away }));
    await waitFor(
      'the process to say what it waits for',
      () => Promise.resolve(output()),
      (text) => text.includes('Redis does not answer: waiting') && text.includes('MongoDB is not reachable'),
    );

    const toldAt = performance.now();
    child.kill('SIGTERM');
    const code = await ended;

    expect(performance.now() - toldAt).toBeLessThan(SHUTDOWN_TIMEOUT_MS + 2_000);
    expect(code).toBe(0);
    expect(output()).not.toMatch(/"level":[56]0|Connection is closed/);
  });

  it('answers an upload that is under way, and does not wait for another one on its connection', async () => {
    const service = await startProcess(variables({ APP_ROLE: 'api' }));
    const agent = new Agent({ keepAlive: true });
    const sending = request(`${service.url}/api/customer/upload`, {
      method: 'POST',
      agent,
      headers: { authorization: `Bearer ${tokenFor()}`, 'content-type': 'text/csv' },
    });
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
    sending.write('name,email\n');
    await waitFor(
      'the upload to arrive',
      () => fetch(`${service.url}/health/live`),
      ({ ok }) => ok,
    );

    const toldAt = performance.now();
    service.signal('SIGTERM');
    await waitFor(
      'the stop to begin',
      () => Promise.resolve(service.lines()),
      (lines) => lines.some(({ msg }) => msg === 'stopping'),
    );
    sending.end('Ana,ana@example.com\n');
    const [answer] = await answered;
    answer.resume();
    const code = await service.ended;
    agent.destroy();

    expect({ status: answer.statusCode, code, errors: errorsOf(service) }).toEqual({
      ...{ status: 202, code: 0, errors: [] },
    });
    expect(performance.now() - toldAt).toBeLessThan(SHUTDOWN_TIMEOUT_MS + 2_000);
  });

  it('serves on for SHUTDOWN_DELAY_MS, not ready, and ends each connection with its answer', async () => {
    const service = await startProcess(variables({ APP_ROLE: 'api', SHUTDOWN_DELAY_MS: '2000' }));
    const kept = await fetch(`${service.url}/health/live`);
    const toldAt = performance.now();
    service.signal('SIGTERM');
    await waitFor(
      'the process to say that it goes',
      async () => (await fetch(`${service.url}/health/ready`)).status,
      (status) => status === 503,
    );

    const write = await fetch(`${service.url}/api/customer`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokenFor()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Ana', email: 'ana@example.com' }),
    });
    const code = await service.ended;

    // Who leaves a connection idle for that long closes it: none is left at the end of the delay.
    expect(kept.headers.get('keep-alive')).toBe('timeout=1');
    expect({ status: write.status, connection: write.headers.get('connection'), code }).toEqual({
      ...{ status: 202, connection: 'close', code: 0 },
    });
    expect(performance.now() - toldAt).toBeGreaterThan(2_000);
    expect(errorsOf(service)).toEqual([]);
  });

  it('stops a worker at once, whatever SHUTDOWN_DELAY_MS is', async () => {
    const service = await startProcess(variables({ APP_ROLE: 'worker', SHUTDOWN_DELAY_MS: '60000' }));

    const toldAt = performance.now();
    service.signal('SIGTERM');
    const code = await service.ended;

    expect(code).toBe(0);
    expect(performance.now() - toldAt).toBeLessThan(SHUTDOWN_TIMEOUT_MS + 2_000);
  });

  it('exits at once on a second signal', async () => {
    const redis = await startOwnRedis();
    const service = await startProcess(
      variables({ APP_ROLE: 'worker', REDIS_URL: redis.url, SHUTDOWN_TIMEOUT_MS: '60000' }),
    );
    redis.freeze();
    service.signal('SIGTERM');
    await waitFor(
      'the stop to begin',
      () => Promise.resolve(service.lines()),
      (lines) => lines.some(({ msg }) => msg === 'stopping'),
    );

    const toldAt = performance.now();
    service.signal('SIGTERM');
    const code = await service.ended;

    expect(code).toBe(1);
    expect(performance.now() - toldAt).toBeLessThan(1_000);
  });
});

const errorsOf = ({ lines }: { lines: () => Record<string, unknown>[] }) =>
  lines().filter(({ level }) => Number(level) >= 50);
