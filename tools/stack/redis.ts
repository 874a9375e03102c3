import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { DATA_TAKEN_PATIENCE_MS, dataTaken, launch, type Launched } from './launch.ts';

/** Starts a Redis or Valkey server that keeps every write in its append-only file, as BullMQ wants it. */
export async function startRedis(root: string, command: string, dataDir: string): Promise<Launched> {
  await mkdir(join(dataDir, 'redis'), { recursive: true });
  // The server tells its folder with all links followed.
  const folder = await realpath(join(dataDir, 'redis'));
  await refuseSharedData(folder);

  const launched = await launch({
    name: 'Redis',
    root,
    command,
    dataDir: folder,
    logFile: join(dataDir, 'redis.log'),
    portTaken: /Address already in use/i,
    isReady: async (port) =>
      (await ask(port, (redis) => redis.ping())) === 'PONG' && (await isOurs(port, folder)),
    args: (port) => redisArguments(port, folder),
  });
  await writeFile(portFile(folder), String(launched.port));
  return launched;
}

/** How our Redis is started: every write in the append-only file, nothing evicted. */
export const redisArguments = (port: number, folder: string): string[] => [
  ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--daemonize', 'no'],
  ...['--appendonly', 'yes', '--save', '', '--maxmemory-policy', 'noeviction'],
];

const portFile = (folder: string) => join(folder, 'port');

/** Unlike mongod, Redis takes no lock: two servers on one append-only file would ruin it. */
async function refuseSharedData(folder: string): Promise<void> {
  const port = Number(await readFile(portFile(folder), 'utf8').catch(() => '0'));
  const patience = Date.now() + DATA_TAKEN_PATIENCE_MS;
  while (port > 0 && (await isOurs(port, folder))) {
    if (Date.now() > patience) {
      const info = await ask(port, (redis) => redis.info('server'));
      const pid = /process_id:(\d+)/.exec(info ?? '')?.[1];
      throw dataTaken({ name: 'Redis', dataDir: folder }, pid === undefined ? {} : { pid: Number(pid) });
    }
    await delay(200);
  }
}

/** Whether the server on this port is the one that works in this folder, and not a stranger. */
async function isOurs(port: number, folder: string): Promise<boolean> {
  const answer = await ask(port, (redis) => redis.config('GET', 'dir'));
  return Array.isArray(answer) && answer[1] === folder;
}

/** One question on one connection; nothing when it is not answered. */
async function ask<T>(port: number, question: (redis: Redis) => Promise<T>): Promise<T | undefined> {
  const redis = new Redis({
    ...{ host: '127.0.0.1', port, lazyConnect: true, connectTimeout: 1_000, commandTimeout: 2_000 },
    ...{ enableReadyCheck: false, retryStrategy: () => null },
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await question(redis);
  } catch {
    return undefined;
  } finally {
    redis.disconnect();
  }
}
