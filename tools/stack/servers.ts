import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { BinaryOptions } from './binary-options.ts';
import type { Child } from './child.ts';
import type { Executable } from './executable.ts';
import type { Launched } from './launch.ts';
import { findMongod } from './mongo-binary.ts';
import { startMongo } from './mongo.ts';
import { findRedis } from './redis-binary.ts';
import { startRedis } from './redis.ts';

export interface ServersOptions {
  /** The project's root. */
  root: string;
  /** What the servers keep; the same folder again finds the same data. */
  dataDir: string;
  /** Takes the few lines that a person should see, such as what is being fetched. */
  log: (line: string) => void;
  /** Where fetched programs are kept: `.servers` in the root unless told. */
  serversDir?: string;
  /** `process.env` unless told; REDIS_URL and MONGODB_URI in it name servers that are there already. */
  env?: NodeJS.ProcessEnv;
}

/** One server in use: what it is, and where it came from. */
export interface ServerInfo {
  name: 'Redis' | 'MongoDB';
  /** Unknown for a server that we did not start. */
  version?: string;
  /** `PATH`, the site or package that it was fetched from, or the variable that named it. */
  origin: string;
  /** From finding the program to the first answer. */
  startedInMs: number;
}

export interface Servers {
  redisUrl: string;
  mongodbUri: string;
  info: ServerInfo[];
  /** Settles when a server that we started ends without being asked. */
  died: Promise<{ name: string; exitCode: number }>;
  /** Stops what was started, gracefully; the data stays. */
  stop(): Promise<void>;
  /** Ends what was started at once. */
  kill(): void;
}

interface Server {
  url: string;
  info: ServerInfo;
  child?: Child;
}

/**
 * A Redis and a MongoDB to work with: those that the environment names, else servers of our own on free ports of
 * 127.0.0.1. Those die with this process, however it ends.
 *
 * @throws StackProblem when a server cannot be had; nothing is left running then
 */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const { root, log, env = process.env } = options;
  const serversDir = options.serversDir ?? join(root, '.servers');
  await mkdir(options.dataDir, { recursive: true });
  const dataDir = await realpath(options.dataDir);
  const binary: BinaryOptions = { root, serversDir, env, log };

  const outcomes = await Promise.allSettled([
    named('Redis', 'REDIS_URL', env) ??
      own(
        'Redis',
        (port) => `redis://127.0.0.1:${port}`,
        findRedis(binary),
        (command) => startRedis(root, command, dataDir),
      ),
    named('MongoDB', 'MONGODB_URI', env) ??
      own('MongoDB', mongoUri, findMongod(binary), (command) => startMongo(root, command, dataDir)),
  ]);
  const [redis, mongo] = outcomes;
  if (redis.status === 'fulfilled' && mongo.status === 'fulfilled') return together(redis.value, mongo.value);

  for (const outcome of outcomes) if (outcome.status === 'fulfilled') outcome.value.child?.kill();
  throw outcomes.find((outcome) => outcome.status === 'rejected')?.reason;
}

const mongoUri = (port: number) => `mongodb://127.0.0.1:${port}/insightcrm?replicaSet=rs0`;

function named(name: ServerInfo['name'], variable: string, env: NodeJS.ProcessEnv): Server | undefined {
  const url = env[variable];
  return url ? { url, info: { name, origin: variable, startedInMs: 0 } } : undefined;
}

async function own(
  name: ServerInfo['name'],
  urlOf: (port: number) => string,
  finding: Promise<Executable>,
  start: (command: string) => Promise<Launched>,
): Promise<Server> {
  const begin = performance.now();
  const { path, version, origin } = await finding;
  const { port, child } = await start(path);
  const startedInMs = Math.round(performance.now() - begin);
  return { url: urlOf(port), info: { name, version, origin, startedInMs }, child };
}

function together(redis: Server, mongo: Server): Servers {
  const running = [redis, mongo].flatMap(({ child, info }) => (child ? [{ child, name: info.name }] : []));
  let stopping = false;
  const died = new Promise<{ name: string; exitCode: number }>((resolve) => {
    for (const { child, name } of running) {
      void child.exited.then((exitCode) => {
        if (!stopping) resolve({ name, exitCode });
      });
    }
  });
  return {
    redisUrl: redis.url,
    mongodbUri: mongo.url,
    info: [redis.info, mongo.info],
    died,
    stop: async () => {
      stopping = true;
      await Promise.all(running.map(({ child }) => child.stop()));
    },
    kill: () => {
      stopping = true;
      for (const { child } of running) child.kill();
    },
  };
}
