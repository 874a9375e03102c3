import { join } from 'node:path';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import mongoose from 'mongoose';
import { freePort } from '../../../tools/stack/free-port.ts';
import { Balancer } from './balancer.ts';
import type { Cast } from '../scenario.ts';
import type { Servers } from './servers.ts';
import { Service } from './service.ts';

/** APIs, workers, and the database and queue that are theirs alone. */
export interface Company {
  apis: Service[];
  workers: Service[];
  /** In whose place others go. */
  standbys: Service[];
  /** Before the APIs. */
  balancer: Balancer | undefined;
  /** The jobs, as anybody with BullMQ sees them. */
  queue: Queue;
  database: mongoose.mongo.MongoClient;
  /** Closes our own connections. */
  close(): Promise<void>;
}

export interface CompanyOptions {
  root: string;
  dataDir: string;
  servers: Servers;
  cast: Cast;
  /** Names database, queue and log files. */
  id: string;
}

export const JWT_SECRET = 'a secret of the chaos run, 32 bytes or more';
const FAULTS = 'test/chaos/worker-faults.mjs';

/** Makes the processes of one scenario; none of them is started. */
export async function assemble({ root, dataDir, servers, cast, id }: CompanyOptions): Promise<Company> {
  const queuePrefix = `{${id}}`;
  const mongodbUri = `mongodb://127.0.0.1:${servers.mongoPort}/${id}?replicaSet=rs0`;
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    NODE_ENV: 'test',
    LOG_LEVEL: 'warn',
    REDIS_URL: servers.redisUrl,
    QUEUE_PREFIX: queuePrefix,
    MONGODB_URI: mongodbUri,
    JWT_SECRET,
    RATE_LIMIT_PER_MINUTE: '0',
    ...cast.env,
  };
  const { apis = 1, workers = 2, balanced = false, faults } = cast;
  const service = async (role: 'api' | 'worker', name: string) =>
    new Service({
      root,
      role,
      port: await freePort(),
      env: role === 'worker' ? { ...env, ...faults } : env,
      ...(role === 'worker' && faults && { preload: [join(root, FAULTS)] }),
      logFile: join(dataDir, `${id}-${name}`),
    });
  const team = async (role: 'api' | 'worker', size: number) => {
    const members: Service[] = [];
    while (members.length < size) members.push(await service(role, `${role}-${members.length + 1}`));
    return members;
  };
  const desk = await team('api', apis);
  const staff = await team('worker', workers);
  const standbys = balanced
    ? [await service('api', 'api-standby'), await service('worker', 'worker-standby')]
    : [];
  const ports = [...desk, ...standbys].filter(({ role }) => role === 'api').map(({ port }) => port);
  const balancer = balanced ? await Balancer.start({ root, dataDir, ports }) : undefined;
  const redis = new Redis(servers.redisUrl, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  redis.on('error', () => undefined);
  const queue = new Queue('customer.jobs', { connection: redis, prefix: queuePrefix });
  queue.on('error', () => undefined);
  const database = new mongoose.mongo.MongoClient(mongodbUri);
  const close = async () => {
    balancer?.kill();
    await queue.close();
    redis.disconnect();
    await database.close();
  };
  return { apis: desk, workers: staff, standbys, balancer, queue, database, close };
}
