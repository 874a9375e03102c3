import { Client } from '../helpers/client';
import { testVariables } from '../helpers/environment';
import { buildCustomer } from '../factories/customer';
import { startOwnRedis } from '../helpers/own-redis';
import { startProcess, type ServiceProcess } from '../helpers/process';
import { MASTER, startRedisSentinels } from '../helpers/redis-sentinels';
import { waitFor, waitForJob } from '../helpers/wait';

const VOLATILE = { appendonly: 'no', 'maxmemory-policy': 'allkeys-lru' };
const UNFIT = 'Redis is no longer fit: not ready, accepting nothing';
const WARNING = 40;

const stop = async (service: ServiceProcess) => {
  service.signal('SIGTERM');
  return service.ended;
};
const readinessOf = async ({ url }: ServiceProcess) => {
  const answer = await fetch(`${url}/health/ready`);
  const { problem, starting } = (await answer.json()) as { problem?: string; starting: boolean };
  return { status: answer.status, problem, starting };
};
const told = (service: ServiceProcess, text: string) =>
  service.lines().filter(({ msg }) => String(msg).includes(text));
const lineThat = (service: ServiceProcess, text: string, times = 1) =>
  waitFor(
    `the log to say "${text}"`,
    () => Promise.resolve(told(service, text).length),
    (count) => count >= times,
  );
const ready = (service: ServiceProcess, status: number) =>
  waitFor(
    `readiness to be ${status}`,
    () => readinessOf(service),
    (seen) => seen.status === status,
  );
const create = (service: ServiceProcess) => new Client(service.url).post('/api/customer', buildCustomer());
const liveness = (service: ServiceProcess) =>
  fetch(`${service.url}/health/live`).then(({ status }) => status);

describe('a process in production whose Redis comes back as one that may lose what is accepted', () => {
  it.each(['api', 'worker', 'all'])(
    'runs on as %s, not ready, refuses writes, and goes on by itself once Redis is fit again',
    async (APP_ROLE) => {
      const redis = await startOwnRedis();
      const service = await startProcess(
        testVariables({ NODE_ENV: 'production', LOG_LEVEL: 'info', APP_ROLE, REDIS_URL: redis.url }),
      );

      await redis.kill();
      await redis.start(VOLATILE);
      await lineThat(service, UNFIT);
      const unfit = { ...(await readinessOf(service)), live: await liveness(service) };
      const refused = await create(service);
      await redis.ask((admin) =>
        Promise.all([
          admin.config('SET', 'appendonly', 'yes'),
          admin.config('SET', 'maxmemory-policy', 'noeviction'),
        ]),
      );
      const fit = await ready(service, 200);
      const accepted = await create(service);
      const code = await stop(service);

      expect(unfit).toEqual({
        ...{ status: 503, starting: false, live: 200 },
        problem: expect.stringMatching(
          /^REDIS_URL: .*set it to noeviction.*; REDIS_URL: .*set appendonly yes/,
        ),
      });
      expect(fit.problem).toBeUndefined();
      expect([refused.status, accepted.status]).toEqual(APP_ROLE === 'worker' ? [404, 404] : [503, 202]);
      expect(code).toBe(0);
    },
  );

  it('accepts no write between its coming back and the look at it', async () => {
    const redis = await startOwnRedis();
    const service = await startProcess(
      testVariables({ NODE_ENV: 'production', LOG_LEVEL: 'info', APP_ROLE: 'api', REDIS_URL: redis.url }),
    );
    await create(service);
    await redis.kill();
    const answers: number[] = [];
    const write = async () => {
      while (told(service, UNFIT).length === 0) answers.push((await create(service)).status);
    };
    const writing = Promise.all([write(), write(), write(), write()]);

    await redis.start(VOLATILE);
    await writing;
    await stop(service);

    expect(new Set(answers)).toEqual(new Set([503]));
  });

  it('runs the jobs that are queued all the same', async () => {
    const redis = await startOwnRedis();
    const service = await startProcess(
      testVariables({ NODE_ENV: 'production', LOG_LEVEL: 'info', REDIS_URL: redis.url }),
    );
    const client = new Client(service.url);
    const runAt = new Date(Date.now() + 3_000).toISOString();
    const { body } = await client.post(`/api/customer?runAt=${runAt}`, buildCustomer());

    await redis.ask(async (admin) => {
      await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    });
    // Both applications of the process.
    await lineThat(service, UNFIT, 2);
    const job = await waitForJob(client, body.data.jobId);
    const { status } = await readinessOf(service);
    await stop(service);

    expect([job.status, status]).toEqual(['completed', 503]);
    expect(Date.parse(job.startedAt)).toBeGreaterThan(Date.parse(String(told(service, UNFIT)[1]?.time)));
  });

  it('says so once, however often the connection comes back, and once when it is over', async () => {
    const redis = await startOwnRedis();
    const service = await startProcess(
      testVariables({ NODE_ENV: 'production', LOG_LEVEL: 'debug', APP_ROLE: 'api', REDIS_URL: redis.url }),
    );

    for (const times of [2, 3, 4]) {
      await redis.kill();
      await redis.start(VOLATILE);
      await lineThat(service, 'Redis connection is ready', times);
      await lineThat(service, UNFIT);
    }
    for (const times of [5, 6]) {
      await redis.kill();
      await redis.start();
      await lineThat(service, 'Redis connection is ready', times);
      await ready(service, 200);
    }
    await stop(service);

    expect(told(service, UNFIT)).toHaveLength(1);
    // At first, and when it was over.
    expect(told(service, 'Redis is fit')).toHaveLength(2);
  });

  it('refuses writes after a failover to a replica that persists nothing', async () => {
    const setup = await startRedisSentinels();
    const before = await setup.master();
    const variables = { REDIS_MODE: 'sentinel', REDIS_URL: setup.list, REDIS_SENTINEL_MASTER: MASTER };
    const service = await startProcess(
      testVariables({ NODE_ENV: 'production', LOG_LEVEL: 'info', APP_ROLE: 'api', ...variables }),
    );
    const replicas = setup.servers.filter((server) => server !== before);
    await Promise.all(
      replicas.map((replica) => replica.ask((admin) => admin.config('SET', 'appendonly', 'no'))),
    );

    await setup.sentinels[0]?.ask((sentinel) => sentinel.call('SENTINEL', 'FAILOVER', MASTER));
    const after = await setup.masterAfter(before);
    await lineThat(service, UNFIT);
    const refused = await create(service);
    await after.ask((admin) => admin.config('SET', 'appendonly', 'yes'));
    await ready(service, 200);
    const accepted = await create(service);
    await stop(service);

    expect([refused.status, accepted.status]).toEqual([503, 202]);
  }, 60_000);
});

describe('a process with ACK_DURABILITY=fsync', () => {
  it('refuses writes in any mode while a Redis that came back has no append-only file', async () => {
    const redis = await startOwnRedis();
    const variables = { APP_ROLE: 'api', REDIS_URL: redis.url, ACK_DURABILITY: 'fsync' };
    const service = await startProcess(testVariables({ LOG_LEVEL: 'info', ...variables }));

    await redis.kill();
    await redis.start({ appendonly: 'no', save: '3600 1' });
    await lineThat(service, UNFIT);
    const { problem } = await readinessOf(service);
    const { status } = await create(service);
    await stop(service);

    expect(problem).toMatch(/^ACK_DURABILITY: .*set appendonly yes$/);
    expect(status).toBe(503);
  });
});

describe('a process that may work on a volatile Redis', () => {
  it('warns when it comes back as one, goes on, and says when that is over', async () => {
    const redis = await startOwnRedis();
    const service = await startProcess(
      testVariables({ LOG_LEVEL: 'info', APP_ROLE: 'api', REDIS_URL: redis.url }),
    );

    await redis.kill();
    await redis.start({ appendonly: 'no' });
    await lineThat(service, 'no persistence');
    await ready(service, 200);
    const { status } = await create(service);
    await redis.kill();
    await redis.start();
    await lineThat(service, 'Redis has this problem no longer');
    await stop(service);

    expect(status).toBe(202);
    expect(told(service, 'no persistence')).toMatchObject([{ level: WARNING }]);
  });
});

describe('a process with ACK_DURABILITY=replica', () => {
  // A replica has the data at once, and not after 5 s in which another might come.
  const PROMPT = { 'repl-diskless-sync-delay': '0' };
  const NO_REPLICA = 'Redis has no replica that follows it';

  it('is ready without a replica, warns once, and says when one follows and when it is gone', async () => {
    const [redis, replica] = await Promise.all([startOwnRedis(PROMPT), startOwnRedis()]);
    const variables = { APP_ROLE: 'api', REDIS_URL: redis.url, ACK_DURABILITY: 'replica' };
    const service = await startProcess(testVariables({ LOG_LEVEL: 'info', ...variables }));

    await lineThat(service, NO_REPLICA);
    await replica.ask((admin) => admin.replicaof('127.0.0.1', redis.port));
    await lineThat(service, 'Redis has this problem no longer');
    const warned = told(service, NO_REPLICA);
    await replica.kill();
    await lineThat(service, NO_REPLICA, 2);
    await stop(service);

    expect(warned).toMatchObject([{ level: WARNING }]);
  });

  it('calls Redis degraded in its system status while no replica follows', async () => {
    const [redis, replica] = await Promise.all([startOwnRedis(PROMPT), startOwnRedis()]);
    const variables = { APP_ROLE: 'api', REDIS_URL: redis.url, ACK_DURABILITY: 'replica' };
    const service = await startProcess(testVariables({ LOG_LEVEL: 'info', ...variables }));
    const status = async () => {
      const { body } = await new Client(service.url).get('/api/queue/system-status');
      return body.data.redis as { status: string; problems: string[] };
    };

    const without = await status();
    await replica.ask((admin) => admin.replicaof('127.0.0.1', redis.port));
    const followed = await waitFor('Redis to be healthy', status, (seen) => seen.status === 'healthy');
    await stop(service);

    expect(without).toMatchObject({
      status: 'degraded',
      problems: [expect.stringMatching(/no replica.*give it one$/)],
    });
    expect(followed.problems).toEqual([]);
  });
});
