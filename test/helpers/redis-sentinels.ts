import { startOwnRedis, type OwnRedis, type OwnRedisOptions } from './own-redis';
import { waitFor } from './wait';

export interface SentinelSetup {
  servers: OwnRedis[];
  sentinels: OwnRedis[];
  /** The sentinels, as REDIS_URL has it. */
  list: string;
  master(): Promise<OwnRedis>;
  /** Waits until all sentinels name another one. */
  masterAfter(before: OwnRedis): Promise<OwnRedis>;
}

export const MASTER = 'crm';
/** A replica is back at once, and not after 5 s in which another might come. */
const PROMPT = { 'repl-diskless-sync-delay': '0' };

/** A master, two replicas, and three sentinels of which two decide. */
export async function startRedisSentinels(
  settings: Record<string, string> = {},
  options: OwnRedisOptions & { sentinelLines?: string[] } = {},
): Promise<SentinelSetup> {
  const servers = await Promise.all(
    Array.from({ length: 3 }, () => startOwnRedis({ ...PROMPT, ...settings }, options)),
  );
  const [first, ...replicas] = servers;
  if (!first) throw new Error('There is no server');
  await Promise.all(
    replicas.map((replica) => replica.ask((redis) => redis.replicaof('127.0.0.1', first.port))),
  );
  await waitFor(
    'the replicas to have the data',
    () => first.ask((redis) => redis.info('replication')),
    (replication) => replication.match(/state=online/g)?.length === replicas.length,
    { timeoutMs: 30_000 },
  );
  const lines = [
    `sentinel monitor ${MASTER} 127.0.0.1 ${first.port} 2`,
    `sentinel down-after-milliseconds ${MASTER} 1000`,
    `sentinel failover-timeout ${MASTER} 5000`,
    ...(options.sentinelLines ?? []),
  ];
  const sentinels = await Promise.all(
    Array.from({ length: 3 }, () => startOwnRedis({}, { ...options, sentinel: lines })),
  );
  await waitFor(
    'the sentinels to know each other and the replicas',
    () => Promise.all(sentinels.map((sentinel) => sentinel.ask((redis) => redis.info('sentinel')))),
    (told) => told.every((info) => info.includes('status=ok') && info.includes('slaves=2,sentinels=3')),
    { timeoutMs: 30_000 },
  );
  const named = async (isIt: (server: OwnRedis) => boolean): Promise<OwnRedis> => {
    const look = async (): Promise<OwnRedis | undefined> => {
      const ports = await Promise.all(sentinels.map((sentinel) => sentinel.ask(masterPort)));
      return new Set(ports).size === 1 ? servers.find(({ port }) => port === ports[0]) : undefined;
    };
    const server = await waitFor(
      'the sentinels to agree on the master',
      look,
      (seen) => seen !== undefined && isIt(seen),
      {
        timeoutMs: 30_000,
      },
    );
    if (!server) throw new Error('There is no master');
    return server;
  };
  return {
    servers,
    sentinels,
    list: sentinels.map(({ port }) => `127.0.0.1:${port}`).join(','),
    master: () => named(() => true),
    masterAfter: (before) => named((server) => server !== before),
  };
}

const masterPort = async (redis: Parameters<Parameters<OwnRedis['ask']>[0]>[0]): Promise<number> => {
  const address = (await redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER)) as [string, string];
  return Number(address[1]);
};
