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

  /** Keys of the app in Redis that say this text, in their names or in what they hold. */
  async keysThatSay(text: string): Promise<string[]> {
    const keys = await this.keys();
    const said = await Promise.all(
      keys.map(async (key) => key.includes(text) || JSON.stringify(await this.valueOf(key)).includes(text)),
    );
    return keys.filter((_, index) => said[index]);
  }

  private async valueOf(key: string): Promise<unknown> {
    const type = await this.redis.type(key);
    if (type === 'hash') return this.redis.hgetall(key);
    if (type === 'list') return this.redis.lrange(key, 0, -1);
    if (type === 'set') return this.redis.smembers(key);
    if (type === 'zset') return this.redis.zrange(key, '0', '-1');
    if (type === 'stream') return this.redis.xrange(key, '-', '+');
    return this.redis.get(key);
  }

  countRehearsed(): Promise<number> {
    return this.mongo.collection('import_rehearsals').countDocuments();
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

  /** As a worker that began a chunk of an import, and died. */
  async beginChunk(importId: string, chunk: number): Promise<void> {
    await this.begin(importId);
    await this.redis.sadd(`${this.prefix}:import:${importId}:under-way`, chunk);
  }

  /** Takes an import back to where its jobs are queued, and nothing else of it is done. */
  async unconfirm(importId: string): Promise<void> {
    const key = `${this.prefix}:import:${importId}`;
    await this.redis.multi().hset(key, 'unconfirmed', 1).hdel(key, 'announced').exec();
  }

  /** As a late delivery of a chunk that created a customer again, and died. */
  async createAgain(customerId: string): Promise<void> {
    await this.mongo
      .collection<CustomerRecord>('customers')
      .updateOne(
        { _id: customerId },
        { $set: { deletedAt: null, revision: 1 }, $unset: { deletedOrder: 1 } },
      );
  }

  /** As if the import had begun that much earlier. */
  async ageStart(importId: string, byMs: number): Promise<void> {
    await this.redis.hincrby(`${this.prefix}:import:${importId}`, 'startedAt', -byMs);
  }

  /** Makes a chunk's log one that can't be read, and readable again. */
  async breakUndo(importId: string, chunk: number): Promise<void> {
    const broken = {
      _id: '0',
      importId,
      chunk,
      tenantId: await this.tenantOf(importId),
      changes: Buffer.from('x'),
    };
    await this.mongo.collection<{ _id: string }>('import_changes').insertOne(broken);
  }

  async mendUndo(importId: string, chunk: number): Promise<void> {
    await this.mongo.collection<{ _id: string }>('import_changes').deleteOne({ _id: '0', importId, chunk });
  }

  private async tenantOf(importId: string): Promise<string | null> {
    return this.redis.hget(`${this.prefix}:import:${importId}`, 'tenantId');
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

  /** Takes a chunk back to where its worker died: nothing of it is counted or reported. */
  async uncount(importId: string, chunk: number, bytes: Buffer): Promise<void> {
    const key = `${this.prefix}:import:${importId}`;
    const settled = await this.redis.hget(`${key}:settled`, String(chunk));
    const [created = 0, updated = 0, unchanged = 0, skipped = 0, rejected = 0] = (settled ?? '')
      .split(',')
      .map(Number);
    const counts = { created, updated, unchanged, skipped, rejected };
    const back = this.redis
      .multi()
      .hdel(`${key}:settled`, String(chunk))
      .hincrby(key, 'left', 1)
      .hincrby(key, 'processed', -(created + updated + unchanged + skipped + rejected))
      .hdel(key, 'problems')
      .set(this.chunkKey(importId, chunk), bytes);
    for (const [field, count] of Object.entries(counts)) back.hincrby(key, field, -count);
    await back.exec();
    await this.mongo.collection<{ _id: string }>('import_reports').deleteOne({ _id: `${importId}-${chunk}` });
  }

  /** As if every other customer had not been written yet. */
  async removeHalf(tenantId: string): Promise<void> {
    const customers = this.mongo.collection<CustomerRecord>('customers');
    const ids = (await customers.find({ tenantId }).sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
    await customers.deleteMany({ _id: { $in: ids.filter((_, index) => index % 2 === 1) } });
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
