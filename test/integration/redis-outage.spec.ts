import type { Redis } from 'ioredis';
import { orUnavailable, QueueUnavailable } from '../../src/queue/queue-unavailable';
import { outageOf } from '../../src/queue/redis-outage';
import { failFast, GatheringRedis, type OutageRules } from '../../src/queue/redis-connection';
import { redisOptions } from '../../src/queue/redis-options';
import { closing } from '../helpers/closing';
import { redisServer } from '../helpers/environment';
import { startOwnRedis, type OwnRedis } from '../helpers/own-redis';

const TIMEOUT_MS = 100;
const NOWHERE = 'redis://127.0.0.1:1';

describe('errors of Redis', () => {
  let server: OwnRedis;
  const connect = (
    options: Partial<OutageRules & { enableReadyCheck: boolean }> = {},
    url = server.url,
  ): Redis => {
    const rules = { ...failFast(TIMEOUT_MS), enableOfflineQueue: true, ...options };
    const redis = new GatheringRedis(redisOptions(redisServer(url), rules));
    redis.on('error', () => undefined);
    closing(() => {
      redis.disconnect();
    });
    return redis;
  };
  const errorOf = (command: Promise<unknown>): Promise<unknown> =>
    command.then(
      () => {
        throw new Error('Redis took the command');
      },
      (error: unknown) => error,
    );
  const withSetting = async (name: string, value: string, use: () => Promise<unknown>): Promise<unknown> => {
    const [, before = ''] = await server.ask((redis) => redis.config('GET', name));
    await server.ask((redis) => redis.config('SET', name, value));
    try {
      return await use();
    } finally {
      await server.ask((redis) => redis.config('SET', name, before));
    }
  };

  beforeAll(async () => {
    server = await startOwnRedis();
  });

  describe('that say that nothing was done', () => {
    const refused: [string, () => Promise<unknown>][] = [
      ['out of memory', () => withSetting('maxmemory', '1', () => errorOf(connect().set('a', 1)))],
      [
        'out of memory, in a script',
        () =>
          withSetting('maxmemory', '1', () =>
            errorOf(connect().eval("return redis.call('SET', KEYS[1], 1)", 1, 'a')),
          ),
      ],
      [
        'out of memory, in a transaction',
        () => withSetting('maxmemory', '1', () => errorOf(connect().multi().set('a', 1).exec())),
      ],
      [
        'too few replicas',
        () => withSetting('min-replicas-to-write', '1', () => errorOf(connect().set('a', 1))),
      ],
      [
        'a replica',
        () =>
          asReplica(async () => {
            await server.ask((redis) => redis.config('SET', 'replica-serve-stale-data', 'yes'));
            return errorOf(connect().set('a', 1));
          }),
      ],
      [
        'a replica without its master',
        () =>
          asReplica(() =>
            withSetting('replica-serve-stale-data', 'no', () =>
              errorOf(connect({ enableReadyCheck: false }).get('a')),
            ),
          ),
      ],
      ['nobody listens', () => errorOf(connect({ enableOfflineQueue: false }, NOWHERE).set('a', 1))],
    ];
    const asReplica = async (use: () => Promise<unknown>): Promise<unknown> => {
      await server.ask((redis) => redis.replicaof('127.0.0.1', 1));
      try {
        return await use();
      } finally {
        await server.ask((redis) => redis.replicaof('NO', 'ONE'));
      }
    };

    it.each(refused)('%s', async (_, provoke) => {
      const error = await provoke();

      expect([outageOf(error), String(error)]).toEqual(['definite', expect.any(String)]);
    });

    it('a script that runs for too long', async () => {
      await server.ask((redis) => redis.config('SET', 'busy-reply-threshold', '10'));
      const patient = { commandTimeout: 5_000, socketTimeout: 6_000 };
      const [busy, other] = [connect(patient), connect(patient)];
      await Promise.all([busy.ping(), other.ping()]);
      const endless = errorOf(busy.eval('while true do end', 0));

      const error = await errorOf(repeat(() => other.set('a', 1)));
      await other.script('KILL');
      await endless;

      expect([outageOf(error), String(error)]).toEqual(['definite', expect.stringContaining('BUSY')]);
    });

    it.each([
      'LOADING Redis is loading the dataset in memory',
      'MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk.',
      'CLUSTERDOWN The cluster is down',
      'MOVED 3999 127.0.0.1:6381',
      'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
      'TRYAGAIN Multiple keys request during rehashing of slot',
      "ERR Error running script (call to f_2f): @user_script:3: -OOM command not allowed when used memory > 'maxmemory'.",
      "ERR Error running script (call to f_2f): @user_script:3: @user_script: 3: -READONLY You can't write against a read only replica.",
    ])('%s', (message) => {
      expect(outageOf(Object.assign(new Error(message), { name: 'ReplyError' }))).toBe('definite');
    });
  });

  describe('that leave open whether it was done', () => {
    it('no answer in time', async () => {
      const redis = connect();
      await redis.ping();
      server.freeze();

      const error = await errorOf(redis.set('a', 1)).finally(() => {
        server.thaw();
      });

      expect([outageOf(error), String(error)]).toEqual(['ambiguous', 'Error: Command timed out']);
    });

    it('a connection that is lost before the answer', async () => {
      const redis = connect({ commandTimeout: 5_000, socketTimeout: 5_000, maxRetriesPerRequest: 0 });
      await redis.ping();
      server.freeze();
      const error = errorOf(redis.set('a', 1));
      redis.stream.destroy();

      expect([outageOf(await error), String(await error)]).toEqual([
        'ambiguous',
        expect.stringContaining('max retries per request'),
      ]);
      server.thaw();
    });

    it('a connection that is closed', async () => {
      const redis = connect();
      await redis.ping();
      redis.disconnect();

      const error = await errorOf(redis.set('a', 1));

      expect([outageOf(error), String(error)]).toEqual(['ambiguous', 'Error: Connection is closed.']);
    });
  });

  describe('that are faults', () => {
    it.each<[string, (redis: Redis) => Promise<unknown>]>([
      ['a wrong type', (redis) => redis.set('text', 'x').then(() => redis.lpush('text', 1))],
      ['a wrong type, in a script', (redis) => redis.eval("return redis.call('LLEN', KEYS[1])", 1, 'text')],
      ['a script that is wrong', (redis) => redis.eval('return nothing.at.all', 0)],
      ['an unknown command', (redis) => redis.call('NOSUCHCOMMAND')],
      ['a bug of ours', () => Promise.reject(new TypeError('x is not a function'))],
    ])('%s', async (_, command) => {
      const fault = await errorOf(command(connect()));

      const error = await errorOf(orUnavailable(Promise.reject(fault as Error)));

      expect(error).toBe(fault);
    });
  });

  it('tell a caller whether to expect that it happened', async () => {
    const [definite, ambiguous] = await Promise.all([
      errorOf(orUnavailable(connect({ enableOfflineQueue: false }, NOWHERE).set('a', 1))),
      errorOf(orUnavailable(Promise.reject(new Error('Command timed out')))),
    ]);

    expect(definite).toBeInstanceOf(QueueUnavailable);
    expect([definite, ambiguous]).toMatchObject([{ mayHaveHappened: false }, { mayHaveHappened: true }]);
  });
});

/** Until it fails: a script is busy only after a while. */
async function repeat(command: () => Promise<unknown>): Promise<never> {
  for (;;) await command();
}
