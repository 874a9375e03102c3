import type { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisServer } from '../../src/config/redis-server';
import { GatheringRedis, patient } from '../../src/queue/redis-connection';
import { redisOptions } from '../../src/queue/redis-options';
import { startOwnRedis, type OwnRedis } from '../helpers/own-redis';
import { MASTER, startRedisSentinels, type SentinelSetup } from '../helpers/redis-sentinels';
import { waitFor } from '../helpers/wait';

/** Several looks, and longer than a new connection is left alone. */
const A_WHILE_MS = 4_000;

describe('a sentinel that names another master than the two others', () => {
  let setup: SentinelSetup;
  let stranger: OwnRedis;
  let wrong: OwnRedis;
  let redis: Redis | undefined;

  beforeEach(async () => {
    setup = await startRedisSentinels();
    stranger = await startOwnRedis();
    wrong = await startOwnRedis(
      {},
      { sentinel: [`sentinel monitor ${MASTER} 127.0.0.1 ${stranger.port} 1`] },
    );
  }, 60_000);

  afterEach(async () => {
    redis?.disconnect();
    for (const server of [...setup.sentinels, ...setup.servers, stranger, wrong]) await server.kill();
  });

  it('is left, when it was asked first, and does not lead back', async () => {
    const master = await setup.master();
    redis = connect([wrong, ...setup.sentinels.slice(1)]);
    const ports = portsOf(redis);

    await waitFor(
      'the connection to go to the master',
      () => Promise.resolve(ports),
      (seen) => seen.includes(master.port),
    );
    await sleep(A_WHILE_MS);

    expect(ports).toEqual([stranger.port, master.port]);
  }, 30_000);

  it('is not believed where the others are away, and nobody is asked when the connection ends', async () => {
    const master = await setup.master();
    const [first, second] = setup.sentinels as [OwnRedis, OwnRedis];
    redis = connect([first, second, wrong]);
    const ports = portsOf(redis);
    await redis.ping();

    await first.kill();
    await second.kill();
    await sleep(A_WHILE_MS);
    const whileConnected = await clientsOf(wrong);
    redis.disconnect();

    expect(ports).toEqual([master.port]);
    expect(whileConnected).toBe(2);
    await waitFor(
      'the sentinel to have no client but who asks',
      () => clientsOf(wrong),
      (clients) => clients === 1,
    );
  }, 30_000);
});

const connect = (sentinels: OwnRedis[]): Redis => {
  const [first, ...others] = sentinels.map(({ port }) => ({ host: '127.0.0.1', port }));
  if (!first) throw new Error('There is no sentinel');
  const server: RedisServer = {
    ...{ mode: 'sentinel', nodes: [first, ...others], login: {}, db: 0, tls: undefined },
    sentinel: { master: MASTER, login: {} },
  };
  const redis = new GatheringRedis(redisOptions(server, patient));
  // Told when it is made to leave.
  redis.on('error', () => undefined);
  return redis;
};

/** The servers that it was connected to, one after the other; grows. */
const portsOf = (redis: Redis): (number | undefined)[] => {
  const ports: (number | undefined)[] = [];
  redis.on('ready', () => ports.push((redis.stream as { remotePort?: number }).remotePort));
  return ports;
};

const clientsOf = async (server: OwnRedis): Promise<number> => {
  const list = (await server.ask((asking) => asking.client('LIST'))) as string;
  return list.trim().split('\n').length;
};
