import { join } from 'node:path';
import { Redis } from 'ioredis';
import mongoose from 'mongoose';
import { freePort } from '../tools/stack/free-port.ts';
import { mintToken } from '../tools/stack/mint-token.ts';
import { watchImports } from './import-ends.ts';
import { ImportClient, workTime } from './imports.ts';
import { Service } from '../test/chaos/cluster/service.ts';

/** The servers that both sides use. */
export interface BenchServers {
  redisUrl: string;
  mongodbUri: (database: string) => string;
  versions: string[];
}

export const JWT_SECRET = 'a secret of the bench, of 32 bytes or more';

/** What a case needs: servers, processes on them, and how often to measure. */
export class Stage {
  readonly root: string;
  readonly rounds: number;
  /** Rows of the large cases. */
  readonly rows: number;
  readonly servers: BenchServers;
  readonly log: (line: string) => void;
  readonly redis: Redis;
  readonly database: mongoose.mongo.MongoClient;
  readonly dataDir: string;
  #companies = 0;

  constructor(options: {
    root: string;
    dataDir: string;
    rounds: number;
    rows: number;
    servers: BenchServers;
    log: (line: string) => void;
  }) {
    this.root = options.root;
    this.dataDir = options.dataDir;
    this.rounds = options.rounds;
    this.rows = options.rows;
    this.servers = options.servers;
    this.log = options.log;
    this.redis = new Redis(this.servers.redisUrl, { maxRetriesPerRequest: null });
    this.database = new mongoose.mongo.MongoClient(this.servers.mongodbUri('bench'));
  }

  /** Processes of ours with a database and a queue of their own. None is started. */
  async company(
    settings: { apis?: number; workers?: number; env?: NodeJS.ProcessEnv } = {},
  ): Promise<BenchCompany> {
    this.#companies += 1;
    const id = `bench${process.pid}x${this.#companies}`;
    const env: NodeJS.ProcessEnv = {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      LOG_LEVEL: 'info',
      REDIS_URL: this.servers.redisUrl,
      QUEUE_PREFIX: `{${id}}`,
      MONGODB_URI: this.servers.mongodbUri(id),
      JWT_SECRET,
      // On, and out of the way.
      RATE_LIMIT_PER_MINUTE: '100000000',
      QUEUE_MAX_WAITING: '10000000',
      ...settings.env,
    };
    const service = async (role: 'api' | 'worker', name: string) =>
      new Service({
        root: this.root,
        role,
        port: await freePort(),
        env,
        logFile: join(this.dataDir, `${id}-${name}`),
      });
    const apis = [await service('api', 'api')];
    while (apis.length < (settings.apis ?? 1)) apis.push(await service('api', `api-${apis.length + 1}`));
    const workers: Service[] = [];
    while (workers.length < (settings.workers ?? 1))
      workers.push(await service('worker', `worker-${workers.length + 1}`));
    return new BenchCompany(this, id, apis, workers);
  }

  /** Lets go of what a company or another service left behind. */
  async clear(id: string): Promise<void> {
    for await (const keys of this.redis.scanStream({ match: `*{${id}}*`, count: 5_000 }) as AsyncIterable<
      string[]
    >)
      if (keys.length > 0) await this.redis.unlink(...keys);
    await this.database.db(id).dropDatabase();
  }

  /** What one side wrote goes to the disk before the other side is timed. */
  async settle(): Promise<void> {
    await this.database.db('admin').command({ fsync: 1 });
  }

  async close(): Promise<void> {
    this.redis.disconnect();
    await this.database.close();
  }
}

/** One API, mostly, and some workers. */
export class BenchCompany {
  readonly id: string;
  readonly apis: readonly Service[];
  readonly workers: readonly Service[];
  readonly #stage: Stage;

  constructor(stage: Stage, id: string, apis: readonly Service[], workers: readonly Service[]) {
    this.#stage = stage;
    this.id = id;
    this.apis = apis;
    this.workers = workers;
  }

  async open(...services: readonly Service[]): Promise<void> {
    for (const service of services) service.start();
    await Promise.all(services.map((service) => service.ready()));
  }

  /** Starts the workers on imports of the tenant `bench` that wait. @returns from the first start to the last end, in ms */
  async work(imports: number): Promise<number> {
    const ends = await watchImports(this.#stage.servers.redisUrl, imports);
    await this.open(...this.workers);
    await ends.all;
    return workTime(await new ImportClient(this.api.url, tokenOf('bench')).all());
  }

  /** Settles when everything is stopped and removed. */
  async close(): Promise<void> {
    await Promise.all([...this.apis, ...this.workers].map((service) => service.stop()));
    await this.#stage.clear(this.id);
  }

  get api(): Service {
    const [first] = this.apis;
    if (!first) throw new Error('There is no API');
    return first;
  }

  get customers(): mongoose.mongo.Collection {
    return this.#stage.database.db(this.id).collection('customers');
  }
}

export const tokenOf = (tenant: string): string =>
  mintToken(
    { tenant, user: 'bench', email: 'bench@example.com', roles: ['operator'], expiresIn: '12h' },
    JWT_SECRET,
    {},
  );
