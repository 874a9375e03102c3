import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../tools/stack/free-port.ts';
import { findRedis } from '../../tools/stack/redis-binary.ts';
import { closing } from './closing';
import { waitFor } from './wait';

/** A Redis of one test's own, to starve, freeze, kill and restart; its data and its port stay. */
export interface OwnRedis {
  url: string;
  start(): Promise<void>;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Asks it on a connection of its own, outside any limit of the service. */
  ask<T>(question: (redis: Redis) => Promise<T>): Promise<T>;
}

const root = path.resolve(__dirname, '../..');

/** @param settings over those of a Redis that keeps every write in its append-only file */
export async function startOwnRedis(settings: Record<string, string> = {}): Promise<OwnRedis> {
  const { path: program } = await findRedis({
    root,
    serversDir: path.join(root, '.servers'),
    env: process.env,
    log: console.log,
  });
  const dir = await mkdtemp(path.join(tmpdir(), 'insightcrm-redis-'));
  const port = await freePort();
  const all = { appendonly: 'yes', save: '', 'maxmemory-policy': 'noeviction', ...settings };
  const args = Object.entries({ port: String(port), bind: '127.0.0.1', dir, ...all });
  let child: ChildProcess | undefined;

  const ask: OwnRedis['ask'] = async (question) => {
    const redis = new Redis(port, '127.0.0.1', {
      ...{ retryStrategy: () => null, commandTimeout: 10_000, enableReadyCheck: false },
    });
    redis.on('error', () => undefined);
    try {
      return await question(redis);
    } finally {
      redis.disconnect();
    }
  };
  const own: OwnRedis = {
    url: `redis://127.0.0.1:${port}`,
    start: async () => {
      child = spawn(
        program,
        args.flatMap(([name, value]) => [`--${name}`, value]),
        { stdio: 'ignore' },
      );
      await waitFor(
        'Redis to answer',
        () => ask((redis) => redis.ping()).catch(() => ''),
        (answer) => answer === 'PONG',
      );
    },
    kill: async () => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    ask,
  };
  closing(async () => {
    await own.kill();
    await rm(dir, { recursive: true, force: true });
  });
  await own.start();
  return own;
}
