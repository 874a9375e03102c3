import type { Redis } from 'ioredis';
import type { RedisLogin, RedisNode, RedisServer, RedisTls } from '../config/redis-server';
import { EVENT_LOG } from '../events/event-log';
import { DiscreetRedis } from './discreet-redis';

/** For one node to be reached, and to answer, in ms. */
const ASK_TIMEOUT_MS = 500;

/** Who tells where the master is, by what they say. */
export interface MasterWitnesses {
  /** Options of a connection to one of them. */
  options: RedisLogin & { tls?: RedisTls };
  /** @returns the master, or undefined where this one does not know it; and who else can be asked */
  ask(witness: Redis, node: RedisNode): Promise<{ master: RedisNode | undefined; others: RedisNode[] }>;
}

/** Whether and when a connection to a witness is made anew. */
interface WitnessRules {
  retryStrategy: () => number | null;
  lazyConnect?: boolean;
  enableOfflineQueue?: boolean;
  autoResendUnfulfilledCommands?: boolean;
  socketTimeout?: number;
}

/** Sentinels know the master by the name that it has in their configuration. */
export const sentinels = ({ sentinel, tls }: RedisServer): MasterWitnesses => ({
  options: { ...sentinel.login, ...(tls && { tls }) },
  ask: async (witness) => {
    const answer = (await witness.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', sentinel.master)) as
      [string, string] | null;
    return { master: answer ? { host: answer[0], port: Number(answer[1]) } : undefined, others: [] };
  },
});

/** Nodes of a cluster know who is master of the one slot that has all our keys, and each other. */
export const clusterNodes = ({ login, tls }: RedisServer): MasterWitnesses => ({
  options: { ...login, ...(tls && { tls }) },
  ask: async (witness, node) => {
    const [slot, ranges] = await Promise.all([
      witness.cluster('KEYSLOT', EVENT_LOG),
      witness.cluster('SLOTS'),
    ]);
    // A node that does not know its own address leaves it out.
    const known = ranges.map(([first, last, ...nodes]) => ({
      isOurs: first <= slot && slot <= last,
      // The master, then its replicas.
      nodes: nodes.map(([host, port]): RedisNode => ({ host: host || node.host, port })),
    }));
    return {
      master: known.find(({ isOurs }) => isOurs)?.nodes[0],
      others: known.flatMap(({ nodes }) => nodes),
    };
  },
});

/** A connection to one of them, for short questions. What is wrong with it, the questions tell. */
export function connectWitness({ options }: MasterWitnesses, node: RedisNode, rules: WitnessRules): Redis {
  const witness = new DiscreetRedis({
    ...options,
    ...node,
    ...{ enableReadyCheck: false, maxRetriesPerRequest: 0 },
    ...{ connectTimeout: ASK_TIMEOUT_MS, commandTimeout: ASK_TIMEOUT_MS },
    ...rules,
  });
  witness.on('error', () => undefined);
  return witness;
}

/** Finds the master, by asking one witness after the other. */
export class MasterSearch {
  /** Those of the configuration, and whom they named last. */
  private nodes: RedisNode[];
  /** Each search begins with the next: one that is cut off, and wrong, must not be believed for ever. */
  private turn = 0;

  constructor(
    private readonly witnesses: MasterWitnesses,
    private readonly configured: RedisNode[],
  ) {
    this.nodes = configured;
  }

  /** @throws the last reason, when nobody tells: each has half a second to be reached, and another to answer */
  async find(): Promise<RedisNode> {
    const { nodes } = this;
    const first = this.turn++ % nodes.length;
    let reason: unknown;
    for (const node of [...nodes.slice(first), ...nodes.slice(0, first)]) {
      try {
        const { master, others } = await this.ask(node);
        this.nodes = distinct([...this.configured, ...others]);
        if (master) return master;
        reason = new Error(`${nameOf(node)} knows of no master`);
      } catch (error) {
        reason = error;
      }
    }
    throw reason;
  }

  private async ask(node: RedisNode): ReturnType<MasterWitnesses['ask']> {
    const witness = connectWitness(this.witnesses, node, { lazyConnect: true, retryStrategy: () => null });
    try {
      await witness.connect();
      return await this.witnesses.ask(witness, node);
    } finally {
      witness.disconnect();
    }
  }
}

export const nameOf = ({ host, port }: RedisNode): string => `${host}:${port}`;
const distinct = (nodes: RedisNode[]): RedisNode[] => [
  ...new Map(nodes.map((node) => [nameOf(node), node])).values(),
];
