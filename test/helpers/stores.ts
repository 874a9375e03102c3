import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { createConnection, type Connection } from 'mongoose';
import type { CustomerRecord } from '../../src/customer/customer.schema';
import type { Visit } from '../../src/customer/visit.schema';
import { CUSTOMER_QUEUE } from '../../src/customer/jobs/customer.jobs';
import { closing } from './closing';
import type { TestApp } from './test-app';

/** What an app left in Redis and MongoDB, for promises about what must not be there. */
export class Stores {
  readonly close = closing(async () => {
    await this.queue.close();
    this.redis.disconnect();
    await this.mongo.close();
  });

  private constructor(
    private readonly redis: Redis,
    private readonly mongo: Connection,
    readonly queue: Queue,
    private readonly prefix: string,
  ) {}

  static async of({ variables }: Pick<TestApp, 'variables'>): Promise<Stores> {
    const { REDIS_URL = '', MONGODB_URI = '', QUEUE_PREFIX = '' } = variables;
    const redis = new Redis(REDIS_URL, { maxRetriesPerRequest: null });
    const mongo = await createConnection(MONGODB_URI).asPromise();
    return new Stores(
      redis,
      mongo,
      new Queue(CUSTOMER_QUEUE, { connection: redis, prefix: QUEUE_PREFIX }),
      QUEUE_PREFIX,
    );
  }

  /** Names of all keys of the app. */
  async keys(): Promise<string[]> {
    return (await this.redis.keys(`${this.prefix.replaceAll(/[{}]/g, '?')}*`)).sort();
  }

  /** Keys of imports and jobs: what an upload leaves behind. */
  async uploadKeys(): Promise<string[]> {
    const isJob = new RegExp(`:${CUSTOMER_QUEUE}:[^:]*[0-9a-f]{8}-`);
    return (await this.keys()).filter((key) => key.includes(':import') || isJob.test(key));
  }

  /** Everything that is stored of a tenant, deleted customers included. */
  customersOf(tenantId: string): Promise<CustomerRecord[]> {
    return this.mongo.collection<CustomerRecord>('customers').find({ tenantId }).toArray();
  }

  countCustomers(): Promise<number> {
    return this.mongo.collection('customers').countDocuments();
  }

  /** Takes a customer's visits back to where their worker died before it marked them. */
  async unmarkVisits(customerId: string): Promise<number> {
    const ofCustomer = { _id: { $gte: `${customerId}:`, $lt: `${customerId};` } };
    const { modifiedCount } = await this.mongo
      .collection<Visit>('customer_visits')
      .updateMany(ofCustomer, { $unset: { counted: true } });
    return modifiedCount;
  }

  /** As a worker does first, that died then. */
  async writeDownVisit(visit: Visit): Promise<void> {
    await this.mongo.collection<Visit>('customer_visits').insertOne(visit);
  }

  /** As when a worker was cut off for longer than its lock lives. */
  async loseLock(jobId: string): Promise<void> {
    await this.redis.del(`${this.queue.toKey(jobId)}:lock`);
  }

  /** The bytes of a chunk outlived their time. */
  async dropChunk(importId: string, chunk: number): Promise<void> {
    await this.redis.del(this.chunkKey(importId, chunk));
  }

  /** As a worker that took the first chunk of an import. */
  async begin(importId: string): Promise<void> {
    await this.redis.hset(`${this.prefix}:import:${importId}`, {
      status: 'processing',
      startedAt: Date.now(),
    });
  }

  /** Takes an import back to where its jobs are queued, and nothing else of it is done. */
  async unconfirm(importId: string): Promise<void> {
    const key = `${this.prefix}:import:${importId}`;
    await this.redis.multi().hset(key, 'unconfirmed', 1).hdel(key, 'announced').exec();
  }

  /** Makes a waiting job a dead letter. */
  async kill(jobId: string): Promise<void> {
    await this.redis
      .multi()
      .lrem(this.queue.toKey('wait'), 1, jobId)
      .zadd(this.queue.toKey('failed'), Date.now(), jobId)
      .exec();
  }

  ttlMs(key: string): Promise<number> {
    return this.redis.pttl(key);
  }

  async chunkBytes(importId: string, chunk: number): Promise<Buffer> {
    const bytes = await this.redis.getBuffer(this.chunkKey(importId, chunk));
    if (!bytes) throw new Error(`Import ${importId} has no bytes of chunk ${chunk}`);
    return bytes;
  }

  /** @returns the bytes before */
  async swapChunk(importId: string, chunk: number, bytes: Buffer): Promise<Buffer> {
    const before = await this.chunkBytes(importId, chunk);
    await this.redis.set(this.chunkKey(importId, chunk), bytes, 'KEEPTTL');
    return before;
  }

  /** Takes an import of one chunk back to where nothing of it is counted. */
  async forgetCounts(importId: string, chunk: number, bytes: Buffer): Promise<void> {
    const key = `${this.prefix}:import:${importId}`;
    const zero = { processed: 0, created: 0, updated: 0, unchanged: 0, skipped: 0, rejected: 0 };
    await this.redis
      .multi()
      .hset(key, { ...zero, left: 1, status: 'processing' })
      .del(`${key}:settled`)
      .set(this.chunkKey(importId, chunk), bytes)
      .exec();
  }

  /** Makes a job one that was accepted that much earlier. */
  async ageStamp(jobId: string, byMs: number): Promise<void> {
    const key = `${this.prefix}:order:${jobId}`;
    const order = Number(await this.redis.get(key));
    await this.redis.set(key, order - byMs * 1000, 'KEEPTTL');
  }

  private chunkKey(importId: string, chunk: number): string {
    return `${this.prefix}:import:${importId}:chunk:${chunk}`;
  }
}
