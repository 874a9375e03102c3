import { freePort } from '../../tools/stack/free-port.ts';
import { startOwnRedis, type OwnRedis, type OwnRedisOptions } from './own-redis';
import { waitFor } from './wait';

export interface RedisCluster {
  nodes: OwnRedis[];
  /** All of them, as REDIS_URL has it. */
  list: string;
  /** The one that has all keys of the service. */
  owner(): Promise<OwnRedis>;
  /** Waits until it is another one. */
  ownerAfter(before: OwnRedis): Promise<OwnRedis>;
}

const MASTERS = 3;
const LAST_SLOT = 16_383;

/** Three masters that share the slots evenly, and a replica of each. */
export async function startRedisCluster(
  settings: Record<string, string> = {},
  options: OwnRedisOptions = {},
): Promise<RedisCluster> {
  const buses = await Promise.all(Array.from({ length: MASTERS * 2 }, () => freePort()));
  const nodes = await Promise.all(
    buses.map((bus) =>
      startOwnRedis(
        {
          ...{ 'cluster-enabled': 'yes', 'cluster-port': String(bus), 'cluster-node-timeout': '1000' },
          ...{ 'cluster-replica-validity-factor': '0', 'cluster-allow-replica-migration': 'no' },
          // A replica is back at once, and not after 5 s in which another might come.
          'repl-diskless-sync-delay': '0',
          ...settings,
        },
        options,
      ),
    ),
  );
  const masters = nodes.slice(0, MASTERS);
  const [first] = nodes;
  if (!first) throw new Error('There is no node');
  await Promise.all(
    nodes
      .slice(1)
      .map((node) =>
        node.ask((redis) => redis.call('CLUSTER', 'MEET', '127.0.0.1', first.port, buses[0] ?? 0)),
      ),
  );
  await Promise.all(masters.map((master, index) => master.ask((redis) => redis.call(...slotsOf(index)))));
  await Promise.all(
    masters.map(async (master, index) => {
      const id = await master.ask((redis) => redis.cluster('MYID'));
      await waitFor(
        'the replica to know its master',
        () => nodes[MASTERS + index]?.ask((redis) => redis.cluster('REPLICATE', id)).catch(String) ?? never(),
        (answer) => answer === 'OK',
      );
    }),
  );
  await waitFor(
    'the cluster to be complete',
    () => Promise.all(nodes.map((node) => isComplete(node))),
    (seen) => seen.every(Boolean),
    { timeoutMs: 30_000 },
  );
  return clusterOf(nodes);
}

function clusterOf(nodes: OwnRedis[]): RedisCluster {
  /** As the nodes see it that are there; undefined while they do not agree. */
  const seen = async (): Promise<OwnRedis | undefined> => {
    const ports = await Promise.all(nodes.map((node) => node.ask(ownerPort).catch(() => undefined)));
    const named = new Set(ports.filter((port) => port !== undefined));
    return named.size === 1 ? nodes.find(({ port }) => named.has(port)) : undefined;
  };
  const found = async (isIt: (node: OwnRedis) => boolean): Promise<OwnRedis> => {
    const node = await waitFor(
      'the cluster to agree on who has the slot',
      seen,
      (owner) => owner !== undefined && isIt(owner),
      { timeoutMs: 30_000 },
    );
    return node ?? never();
  };
  return {
    nodes,
    list: nodes.map(({ port }) => `127.0.0.1:${port}`).join(','),
    owner: () => found(() => true),
    ownerAfter: (before) => found((node) => node !== before),
  };
}

function slotsOf(index: number): ['CLUSTER', string, number, number] {
  const share = Math.ceil((LAST_SLOT + 1) / MASTERS);
  return ['CLUSTER', 'ADDSLOTSRANGE', index * share, Math.min((index + 1) * share - 1, LAST_SLOT)];
}

async function ownerPort(redis: Parameters<Parameters<OwnRedis['ask']>[0]>[0]): Promise<number | undefined> {
  const slot = await redis.cluster('KEYSLOT', 'customer.events');
  const ranges = await redis.cluster('SLOTS');
  return ranges.find(([from, to]) => from <= slot && slot <= to)?.[2]?.[1];
}

/** All slots are served, and each master has its replica with its data. */
const isComplete = (node: OwnRedis): Promise<boolean> =>
  node.ask(async (redis) => {
    const state = await redis.call('CLUSTER', 'INFO');
    const replication = await redis.info('replication');
    return (
      String(state).includes('cluster_state:ok') &&
      String(state).includes('cluster_known_nodes:6') &&
      /connected_slaves:1|master_link_status:up/.test(replication)
    );
  });

const never = (): never => {
  throw new Error('There is no such node');
};
