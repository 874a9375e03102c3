import { freePort } from '../../tools/stack/free-port.ts';
import { Client } from '../helpers/client';
import { testVariables } from '../helpers/environment';
import { buildCustomer } from '../factories/customer';
import { withPort } from '../helpers/outage';
import { startOwnRedis } from '../helpers/own-redis';
import { runService, startProcess, type ServiceProcess } from '../helpers/process';
import { startTcpProxy } from '../helpers/tcp-proxy';
import { waitFor } from '../helpers/wait';

const VOLATILE = { appendonly: 'no', save: '' };
const stop = async (service: ServiceProcess) => {
  service.signal('SIGTERM');
  await service.ended;
};
const warningsOf = (service: ServiceProcess) =>
  service
    .lines()
    .filter(({ level }) => level === 40)
    .map(({ msg }) => msg);

describe('a start in production', () => {
  const production = (variables: Record<string, string>) =>
    testVariables({ NODE_ENV: 'production', LOG_LEVEL: 'error', ...variables });

  it.each(['api', 'worker', 'all'])(
    'is refused as %s on a Redis that may lose what was accepted, a line for each reason',
    async (role) => {
      const redis = await startOwnRedis({ ...VOLATILE, 'maxmemory-policy': 'allkeys-lru' });

      const { ended, output } = runService(production({ APP_ROLE: role, REDIS_URL: redis.url }));

      expect(await ended).toBe(1);
      expect(linesOf(output())).toEqual([
        expect.stringMatching(/^REDIS_URL: .*evict.* set it to noeviction, or ALLOW_VOLATILE_REDIS=true$/),
        expect.stringMatching(
          /^REDIS_URL: .*no persistence, set appendonly yes, or ALLOW_VOLATILE_REDIS=true$/,
        ),
      ]);
    },
  );

  it('goes on with a warning where that is allowed', async () => {
    const redis = await startOwnRedis(VOLATILE);

    const service = await startProcess(
      production({ REDIS_URL: redis.url, LOG_LEVEL: 'info', ALLOW_VOLATILE_REDIS: 'true' }),
    );
    await stop(service);

    expect(warningsOf(service)).toEqual(expect.arrayContaining([expect.stringMatching(/no persistence/)]));
  });

  it('goes on with a warning on snapshots alone', async () => {
    const redis = await startOwnRedis({ appendonly: 'no', save: '3600 1' });

    const service = await startProcess(production({ REDIS_URL: redis.url, LOG_LEVEL: 'info' }));
    await stop(service);

    expect(warningsOf(service)).toEqual(
      expect.arrayContaining([expect.stringMatching(/no append-only file, set appendonly yes/)]),
    );
  });

  it('is enough with what INFO tells where CONFIG is forbidden', async () => {
    const redis = await startOwnRedis();
    await redis.ask((admin) => admin.call('ACL', 'SETUSER', 'default', '-config'));
    const service = await startProcess(production({ REDIS_URL: redis.url, LOG_LEVEL: 'info' }));

    const { body } = await new Client(service.url).get('/api/queue/system-status');
    await stop(service);

    expect(body.data.redis).toMatchObject({ status: 'healthy', persistence: 'aof', appendfsync: null });
  });

  it('is refused even without a Redis at first, once there is an unfit one', async () => {
    const redis = await startOwnRedis(VOLATILE);
    await redis.kill();
    const { ended, output } = runService(production({ REDIS_URL: redis.url, LOG_LEVEL: 'warn' }));
    await waitFor(
      'the process to wait',
      () => Promise.resolve(output()),
      (text) => text.includes('waiting for it'),
    );

    await redis.start();

    expect(await ended).toBe(1);
    expect(output()).toMatch(/^REDIS_URL: .*no persistence/m);
  });
});

describe('a start with ACK_DURABILITY=fsync', () => {
  it.each(['development', 'production'])('is refused in %s without an append-only file', async (mode) => {
    const redis = await startOwnRedis({ appendonly: 'no', save: '3600 1' });

    const variables = { NODE_ENV: mode, LOG_LEVEL: 'error', REDIS_URL: redis.url, ACK_DURABILITY: 'fsync' };
    const { ended, output } = runService(testVariables(variables));

    expect(await ended).toBe(1);
    expect(linesOf(output())).toEqual([expect.stringMatching(/^ACK_DURABILITY: .*set appendonly yes$/)]);
  });

  it('is refused by a server that does not know WAITAOF', async () => {
    const redis = await startOwnRedis();
    await redis.ask((admin) => admin.call('ACL', 'SETUSER', 'default', '-waitaof'));

    const variables = { LOG_LEVEL: 'error', REDIS_URL: redis.url, ACK_DURABILITY: 'fsync' };
    const { ended, output } = runService(testVariables(variables));

    expect(await ended).toBe(1);
    expect(linesOf(output())).toEqual([expect.stringMatching(/^ACK_DURABILITY: fsync needs WAITAOF/)]);
  });
});

describe('a start without its servers', () => {
  it.each(['api', 'worker', 'all'])(
    'waits as %s for Redis and says so, and works when it comes',
    async (role) => {
      const redis = await startOwnRedis();
      await redis.kill();
      const port = await freePort();
      const { child, output } = runService(
        testVariables({ LOG_LEVEL: 'info', APP_ROLE: role, REDIS_URL: redis.url, PORT: String(port) }),
      );
      await waitFor(
        'the process to say so',
        () => Promise.resolve(output()),
        (text) => text.includes('Redis does not answer: waiting for it, not ready, accepting nothing'),
      );
      const url = `http://127.0.0.1:${port}`;
      const away = await fetch(`${url}/health/ready`);
      const live = await fetch(`${url}/health/live`);
      const refused = await new Client(url).post('/api/customer', buildCustomer());

      await redis.start();
      await waitFor(
        'the process to be ready',
        async () => (await fetch(`${url}/health/ready`)).status,
        (status) => status === 200,
        { timeoutMs: 5_000 },
      );
      const accepted = await new Client(url).post('/api/customer', buildCustomer());
      child.kill('SIGTERM');

      expect([away.status, live.status]).toEqual([503, 200]);
      expect([refused.status, accepted.status]).toEqual(role === 'worker' ? [404, 404] : [503, 202]);
    },
  );

  it('waits as worker for MongoDB and says so, and works when it comes', async () => {
    const proxy = await startTcpProxy(process.env.TEST_MONGODB_URI ?? '');
    proxy.cut();
    const port = await freePort();
    const all = testVariables({ LOG_LEVEL: 'info', APP_ROLE: 'worker', PORT: String(port) });
    const { child, output } = runService({ ...all, MONGODB_URI: withPort(all.MONGODB_URI, proxy.port) });
    await waitFor(
      'the process to say so',
      () => Promise.resolve(output()),
      (text) => text.includes('MongoDB is not reachable, trying again'),
    );
    const away = await fetch(`http://127.0.0.1:${port}/health/ready`);

    proxy.restore();
    await waitFor(
      'the process to be ready',
      async () => (await fetch(`http://127.0.0.1:${port}/health/ready`)).status,
      (status) => status === 200,
      { timeoutMs: 5_000 },
    );
    child.kill('SIGTERM');

    expect(away.status).toBe(503);
    expect(await away.json()).toMatchObject({ ready: false, checks: { mongodb: 'down' } });
  });
});

/** BullMQ may print a warning of its own about an eviction policy. */
const linesOf = (output: string): string[] =>
  output
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('IMPORTANT! Eviction policy'));
