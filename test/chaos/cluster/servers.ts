import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../../tools/stack/free-port.ts';
import { findMongod } from '../../../tools/stack/mongo-binary.ts';
import { mongodArguments } from '../../../tools/stack/mongo.ts';
import { findRedis } from '../../../tools/stack/redis-binary.ts';
import { redisArguments } from '../../../tools/stack/redis.ts';
import { askMongo, becomePrimary } from '../../../tools/stack/replica-set.ts';
import { Server } from './server.ts';

export interface Servers {
  redis: Server;
  mongo: Server;
  redisUrl: string;
  /** The server alone; each scenario adds its own database. */
  mongoPort: number;
  /** Such as `Valkey 9.1.2` and `mongod 7.0.4`. */
  versions: string[];
}

/** A Redis and a mongod of our own, found and set as `npm start` does, on ports that stay theirs. */
export async function startServers(
  root: string,
  dataDir: string,
  log: (line: string) => void,
): Promise<Servers> {
  const binaries = { root, serversDir: join(root, '.servers'), env: process.env, log };
  const [redisProgram, mongodProgram] = await Promise.all([findRedis(binaries), findMongod(binaries)]);
  const redisPort = await freePort();
  const mongoPort = await freePort();
  const redisDir = join(dataDir, 'redis');
  const mongoDir = join(dataDir, 'mongo');
  await Promise.all([mkdir(redisDir, { recursive: true }), mkdir(mongoDir, { recursive: true })]);

  const redis = new Server({
    name: 'Redis',
    root,
    command: redisProgram.path,
    args: redisArguments(redisPort, redisDir),
    logFile: join(dataDir, 'redis.log'),
    pid: () => redisPid(redisPort),
  });
  const mongo = new Server({
    name: 'MongoDB',
    root,
    command: mongodProgram.path,
    args: mongodArguments(mongoPort, mongoDir),
    logFile: join(dataDir, 'mongo.log'),
    pid: () => mongodPid(mongoPort),
  });
  await Promise.all([redis.start(), mongo.start()]);
  const redisName = /valkey/i.test(redisProgram.path) ? 'Valkey' : 'Redis';
  return {
    redis,
    mongo,
    redisUrl: `redis://127.0.0.1:${redisPort}`,
    mongoPort,
    versions: [`${redisName} ${redisProgram.version}`, `mongod ${mongodProgram.version}`],
  };
}

/** Not before the append-only file is loaded: until then every command but a few is refused. */
async function redisPid(port: number): Promise<number | undefined> {
  const redis = new Redis({
    ...{ host: '127.0.0.1', port, lazyConnect: true, connectTimeout: 1_000, commandTimeout: 2_000 },
    ...{ enableReadyCheck: false, retryStrategy: () => null },
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await redis.exists('anything');
    return Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
  } catch {
    return undefined;
  } finally {
    redis.disconnect();
  }
}

/** Not before it is primary: until then it takes no write. */
async function mongodPid(port: number): Promise<number | undefined> {
  if (!(await isListening(port))) return undefined;
  try {
    await becomePrimary(port);
    const status = await askMongo(port, (client) => client.db('admin').command({ serverStatus: 1 }));
    return Number(status['pid']);
  } catch {
    return undefined;
  }
}

/** A driver that finds nobody waits for half a second or more: a bare connection tells at once when the server is back. */
async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
