import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../tools/stack/free-port.ts';
import { findRedis } from '../../tools/stack/redis-binary.ts';
import { closing } from './closing';
import { endAtOnce } from './end-at-once';
import { waitFor } from './wait';

/** A Redis of one test's own, to starve, freeze, kill and restart; its data and its port stay. */
export interface OwnRedis {
  url: string;
  port: number;
  /** Where its files are. */
  dir: string;
  /** @param changed settings over those it was made with, until it is started again */
  start(changed?: Record<string, string>): Promise<void>;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Asks it on a connection of its own, outside any limit of the service. */
  ask<T>(question: (redis: Redis) => Promise<T>): Promise<T>;
}

/** A server that is not the plain one. */
export interface OwnRedisOptions {
  /** Another than the one that all tests use. */
  program?: string;
  /** Lines of the configuration of a sentinel, which it becomes then. */
  sentinel?: string[];
  /** Files in PEM form, of a server that speaks TLS only. */
  tls?: { ca: string; cert: string; key: string };
  /** How tests are let in. */
  connection?: { password?: string; username?: string; tls?: { ca: string; cert: string; key: string } };
}

const root = path.resolve(__dirname, '../..');

/** @param settings over those of a Redis that keeps every write in its append-only file */
export async function startOwnRedis(
  settings: Record<string, string> = {},
  options: OwnRedisOptions = {},
): Promise<OwnRedis> {
  const program = options.program ?? (await commonRedis());
  const dir = await mkdtemp(path.join(tmpdir(), 'insightcrm-redis-'));
  const port = await freePort();
  const args = await argumentsOf({ settings, options, dir, port });
  let child: ChildProcess | undefined;

  const ask: OwnRedis['ask'] = async (question) => {
    const redis = new Redis(port, '127.0.0.1', {
      ...{ retryStrategy: () => null, commandTimeout: 10_000, enableReadyCheck: false },
      ...options.connection,
    });
    redis.on('error', () => undefined);
    try {
      return await question(redis);
    } finally {
      redis.disconnect();
    }
  };
  const own: OwnRedis = {
    url: `${options.tls ? 'rediss' : 'redis'}://127.0.0.1:${port}`,
    port,
    dir,
    start: async (changed = {}) => {
      child = spawn(program, [...args, ...pairsOf(changed)], { stdio: 'ignore' });
      await waitFor(
        'Redis to answer',
        () => ask((redis) => redis.ping()).catch(() => ''),
        (answer) => answer === 'PONG',
      );
    },
    kill: () => endAtOnce(child),
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

async function commonRedis(): Promise<string> {
  const found = await findRedis({
    ...{ root, serversDir: path.join(root, '.servers'), env: process.env, log: console.log },
  });
  return found.path;
}

interface Setup {
  settings: Record<string, string>;
  options: OwnRedisOptions;
  dir: string;
  port: number;
}

async function argumentsOf({ settings, options, dir, port }: Setup): Promise<string[]> {
  const { sentinel, tls } = options;
  const place = {
    ...(tls
      ? {
          ...{ port: '0', 'tls-port': String(port), 'tls-replication': 'yes' },
          ...{ 'tls-ca-cert-file': tls.ca, 'tls-cert-file': tls.cert, 'tls-key-file': tls.key },
        }
      : { port: String(port) }),
    ...{ bind: '127.0.0.1', dir },
  };
  const durable = { appendonly: 'yes', save: '', 'maxmemory-policy': 'noeviction' };
  const all = { ...place, ...(sentinel ? {} : durable), ...settings };
  if (!sentinel) return pairsOf(all);
  // A sentinel writes what it learns into its file, and knows its settings from there only.
  const file = path.join(dir, 'sentinel.conf');
  const lines = [...Object.entries(all).map(([name, value]) => `${name} ${value}`), ...sentinel];
  await writeFile(file, lines.join('\n') + '\n');
  return [file, '--sentinel'];
}

const pairsOf = (settings: Record<string, string>): string[] =>
  Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
