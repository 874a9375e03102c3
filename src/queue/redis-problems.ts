import type { Environment } from '../config/environment';
import type { RedisFacts } from './redis-facts';

/** From here on an operator should know. */
const MEMORY_WARNING_PERCENT = 90;

/** What is wrong with a Redis, in words for an operator: what it is, and what to set. */
export interface RedisProblems {
  /** Redis loses, or may lose, what was accepted: how it is set up. */
  volatile: string[];
  /** Not as safe as it should be, but nothing that an orderly restart loses. */
  weak: string[];
  /** Redis takes no writes, or will soon take none: how it is at the moment. */
  failing: string[];
}

export function problemsOf(facts: RedisFacts): RedisProblems {
  const { usedMemory, maxMemory, evictionPolicy, persistence, savesWell } = facts;
  const percent = maxMemory === 0 ? 0 : Math.floor((usedMemory / maxMemory) * 100);
  return {
    volatile: [
      ...(evictionPolicy === 'noeviction' ? [] : [evicts(evictionPolicy)]),
      ...(persistence === 'none' ? [NO_PERSISTENCE] : []),
    ],
    weak: persistence === 'rdb' ? [SNAPSHOTS_ONLY] : [],
    failing: [
      ...(percent >= 100
        ? [OUT_OF_MEMORY]
        : percent > MEMORY_WARNING_PERCENT
          ? [shortOfMemory(percent)]
          : []),
      ...(savesWell.aof ? [] : [AOF_FAILS]),
      ...(savesWell.rdb ? [] : [SNAPSHOT_FAILS]),
    ],
  };
}

/** Why no write can be answered 202, whatever Redis says to it. */
export const unconfirmed = ({ replicas }: RedisFacts, durability: Environment['ackDurability']): string[] =>
  durability === 'replica' && replicas === 0 ? [NO_REPLICA] : [];

const evicts = (policy: string): string =>
  `Redis may evict accepted work: maxmemory-policy is ${policy}, set it to noeviction`;
const NO_PERSISTENCE =
  'Redis loses accepted work when it restarts: it has no persistence, set appendonly yes';
const SNAPSHOTS_ONLY =
  'Redis loses what it accepted since its last snapshot when it crashes: it has no append-only file, set appendonly yes';
const OUT_OF_MEMORY = 'Redis is out of memory and refuses writes: give it more (maxmemory)';
const shortOfMemory = (percent: number): string =>
  `Redis uses ${percent} % of its memory: give it more (maxmemory) before it refuses writes`;
const AOF_FAILS = 'Redis can not write its append-only file: look at its disk';
const NO_REPLICA =
  'Redis has no replica that follows it: writes get 503 with ACK_DURABILITY=replica, give it one';
const SNAPSHOT_FAILS = 'Redis can not write its snapshot: look at its disk';
