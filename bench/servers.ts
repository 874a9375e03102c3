import { Redis } from 'ioredis';
import mongoose from 'mongoose';
import { startServers } from '../test/chaos/cluster/servers.ts';
import type { BenchServers } from './stage.ts';

/** Those of `REDIS_URL` and `MONGODB_URI` where they are given, our own otherwise. */
export async function benchServers(
  root: string,
  dataDir: string,
  log: (line: string) => void,
): Promise<BenchServers> {
  const { REDIS_URL: redisUrl, MONGODB_URI: mongodbUri } = process.env;
  // Those that are not needed are stopped with the rest.
  const own = redisUrl && mongodbUri ? undefined : await startServers(root, dataDir, log);
  const uri = mongodbUri || `mongodb://127.0.0.1:${own?.mongoPort ?? 0}/?replicaSet=rs0`;
  const servers = {
    redisUrl: redisUrl || (own?.redisUrl ?? ''),
    mongodbUri: (database: string) => {
      // A connection string may name several hosts, which is no URL.
      const [, start = '', options = ''] = /^([^/]+\/\/[^/?]+)(?:\/[^?]*)?(\?.*)?$/.exec(uri) ?? [];
      return `${start}/${database}${options}`;
    },
  };
  return { ...servers, versions: await versionsOf(servers.redisUrl, uri) };
}

async function versionsOf(redisUrl: string, mongodbUri: string): Promise<string[]> {
  const redis = new Redis(redisUrl);
  const client = new mongoose.mongo.MongoClient(mongodbUri);
  try {
    const [info, build, status] = await Promise.all([
      redis.info(),
      client.db('admin').command({ buildInfo: 1 }),
      client.db('admin').command({ serverStatus: 1 }),
    ]);
    const of = (field: string) => new RegExp(`^${field}:(\\S+)`, 'm').exec(info)?.[1];
    const name = of('valkey_version') ? `Valkey ${of('valkey_version')}` : `Redis ${of('redis_version')}`;
    const kept = of('aof_enabled') === '1' ? 'append-only file' : 'no append-only file';
    const { wiredTiger } = status as { wiredTiger?: { cache: Record<string, number> } };
    const cacheMb = Math.round((wiredTiger?.cache['maximum bytes configured'] ?? 0) / 2 ** 20);
    return [
      `${name} (${kept}, ${of('maxmemory_policy')})`,
      `mongod ${String(build['version'])} (WiredTiger cache ${cacheMb} MB)`,
    ];
  } finally {
    redis.disconnect();
    await client.close();
  }
}
