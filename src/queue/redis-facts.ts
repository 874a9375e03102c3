import type { Redis } from 'ioredis';
import { infoFields } from './redis-info';

export const PERSISTENCE = ['aof', 'rdb', 'aof+rdb', 'none'] as const;
export type Persistence = (typeof PERSISTENCE)[number];

/** What Redis says of itself. */
export interface RedisFacts {
  /** bytes */
  usedMemory: number;
  /** bytes; 0: no limit */
  maxMemory: number;
  evictionPolicy: string;
  persistence: Persistence;
  /** When the append-only file goes to the disk; null where the provider of Redis forbids to ask. */
  appendfsync: string | null;
  /** Whether the last write to the append-only file, and the last snapshot, worked. */
  savesWell: { aof: boolean; rdb: boolean };
  /** Replicas that have its data, and get what is written. */
  replicas: number;
}

/** Two short questions and a long one, in one round trip. INFO is enough where CONFIG is forbidden. */
export async function readRedisFacts(redis: Redis): Promise<RedisFacts> {
  const [info, save, appendfsync] = await Promise.all([
    redis.info(),
    configOf(redis, 'save'),
    configOf(redis, 'appendfsync'),
  ]);
  const fields = infoFields(info);
  const savesSnapshots = save === undefined ? Number(fields.get('rdb_saves') ?? 0) > 0 : save !== '';
  return {
    usedMemory: Number(fields.get('used_memory') ?? 0),
    maxMemory: Number(fields.get('maxmemory') ?? 0),
    evictionPolicy: fields.get('maxmemory_policy') ?? 'unknown',
    persistence: persistenceOf(fields.get('aof_enabled') === '1', savesSnapshots),
    appendfsync: appendfsync ?? null,
    savesWell: {
      aof: (fields.get('aof_last_write_status') ?? 'ok') === 'ok',
      rdb: (fields.get('rdb_last_bgsave_status') ?? 'ok') === 'ok',
    },
    replicas: [...fields].filter(([name, value]) => REPLICA.test(name) && value.includes('state=online'))
      .length,
  };
}

const REPLICA = /^slave\d+$/;

/** @returns undefined where the provider of Redis forbids to ask */
async function configOf(redis: Redis, setting: string): Promise<string | undefined> {
  try {
    const [, value] = await redis.config('GET', setting);
    return value;
  } catch (error) {
    if (error instanceof Error && FORBIDDEN.test(error.message)) return undefined;
    throw error;
  }
}

const FORBIDDEN = /^(?:NOPERM|ERR unknown (?:sub)?command)/i;

function persistenceOf(aof: boolean, rdb: boolean): Persistence {
  if (aof) return rdb ? 'aof+rdb' : 'aof';
  return rdb ? 'rdb' : 'none';
}
