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
    const [info, build] = await Promise.all([
      redis.info('server'),
      client.db('admin').command({ buildInfo: 1 }),
    ]);
    const valkey = /valkey_version:(\S+)/.exec(info)?.[1];
    const name =
      valkey === undefined ? `Redis ${/redis_version:(\S+)/.exec(info)?.[1] ?? ''}` : `Valkey ${valkey}`;
    return [name, `mongod ${String(build['version'])}`];
  } finally {
    redis.disconnect();
    await client.close();
  }
}
