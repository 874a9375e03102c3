import type { RedisLogin, RedisNode, RedisServer, RedisTls } from '../config/redis-server';
import { MasterConnector } from './master-connector';
import { MasterWatch } from './master-watch';
import type { OutageRules } from './redis-connection';
import { clusterNodes, MasterSearch, sentinels } from './redis-master';
import { refusalOf } from './redis-outage';

/** Longer than any command blocks: then the master is gone without a word, and another may have taken over. */
const SILENCE_MS = 15_000;

/** What a node says that is not, or not now, the master that takes our writes. */
const NOT_THE_MASTER = ['MOVED', 'ASK', 'READONLY', 'UNBLOCKED', 'CLUSTERDOWN', 'NOREPLICAS'];

/** Of those of ioredis, what ours say. */
export interface ConnectionOptions extends RedisNode, RedisLogin, OutageRules {
  db?: number;
  tls?: RedisTls;
  enableReadyCheck?: boolean;
  reconnectOnError?: (error: Error) => 1 | 2 | false;
  Connector?: new () => MasterConnector;
}

/** Options for ioredis, and for BullMQ that hands them on: the only place that knows the modes. */
export function redisOptions(server: RedisServer, rules: OutageRules): ConnectionOptions {
  const { mode, nodes, login, db, tls } = server;
  const options = { ...nodes[0], ...login, db, ...(tls && { tls }), ...rules };
  if (mode === 'standalone') return options;
  const witnesses = mode === 'cluster' ? clusterNodes(server) : sentinels(server);
  const search = new MasterSearch(witnesses, nodes);
  const watch = mode === 'sentinel' ? new MasterWatch(witnesses, nodes) : undefined;
  return {
    ...options,
    socketTimeout: rules.socketTimeout ?? SILENCE_MS,
    // The command was certainly not done. Who waits for ever sends it again, to the next master.
    reconnectOnError: (error) =>
      NOT_THE_MASTER.includes(refusalOf(error) ?? '') && (rules.maxRetriesPerRequest === null ? 2 : 1),
    Connector: class extends MasterConnector {
      constructor() {
        super(search, tls, watch);
      }
    },
  };
}
