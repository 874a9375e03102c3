import { zstdDecompressSync } from 'node:zlib';
import { Redis } from 'ioredis';
import { createConnection, mongo, type Connection } from 'mongoose';
import type { Queue } from 'bullmq';
import type { CloudEvent } from '../../src/events/customer-events';
import { EVENT_LOG } from '../../src/events/event-log';
import { closing } from './closing';
import type { TestApp } from './test-app';

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** Where something is that must not be there: a key of Redis, or a collection of MongoDB. */
export interface Found {
  where: string;
  what: string;
}

/** All that Redis and MongoDB hold, looked through for texts, whatever the type and however it is compressed. */
export class Everything {
  readonly close = closing(async () => {
    this.redis.disconnect();
    await this.mongo.close();
  });

  private constructor(
    readonly redis: Redis,
    readonly mongo: Connection,
  ) {}

  static async of({ variables }: Pick<TestApp, 'variables'>): Promise<Everything> {
    const { REDIS_URL = '', MONGODB_URI = '' } = variables;
    const mongo = await createConnection(MONGODB_URI).asPromise();
    return new Everything(new Redis(REDIS_URL, { maxRetriesPerRequest: null }), mongo);
  }

  /** @param texts compared in any case */
  async saying(...texts: string[]): Promise<Found[]> {
    const found: Found[] = [];
    const look = (where: string, bytes: Buffer): void => {
      const said = textOf(bytes).toLowerCase();
      for (const text of texts) if (said.includes(text.toLowerCase())) found.push({ where, what: text });
    };
    for (let cursor = '0', isOver = false; !isOver; isOver = cursor === '0') {
      const [next, keys] = await this.redis.scan(cursor, 'COUNT', 1_000);
      cursor = next;
      for (const key of keys)
        for (const bytes of [Buffer.from(key), ...(await this.valuesOf(key))]) look(key, bytes);
    }
    for (const { name } of await this.mongo.listCollections())
      for await (const document of this.mongo.collection(name).find())
        for (const bytes of leaves(document)) look(name, bytes);
    return found;
  }

  /** Makes the reports of a tenant's imports ones that can't be read. @returns what makes them readable again */
  async breakReports(tenantId: string): Promise<() => Promise<void>> {
    const reports = this.mongo.collection<{ _id: string; tenantId: string; resultLines: unknown }>(
      'import_reports',
    );
    const whole = await reports.find({ tenantId }).toArray();
    await reports.updateMany(
      { tenantId },
      { $set: { resultLines: new mongo.Binary(Buffer.from('broken')) } },
    );
    return async () => {
      for (const report of whole) await reports.replaceOne({ _id: report._id }, report);
    };
  }

  /** What an import changed, as it is now, for one that read it before. */
  async copyChanges(importId: string): Promise<() => Promise<void>> {
    const changes = this.mongo.collection<{ _id: string; importId: string }>('import_changes');
    const copies = await changes.find({ importId }).toArray();
    return async () => {
      for (const copy of copies) await changes.replaceOne({ _id: copy._id }, copy);
    };
  }

  /** As a chunk of a dry run that is not over. */
  async rehearse(tenantId: string, email: string, name: string): Promise<void> {
    const customer = { _id: 'in a file', tenantId, email, name };
    await this.mongo
      .collection<{ _id: string }>('import_rehearsals')
      .insertOne({ _id: `i-0:${email}`, importId: 'i', chunk: 0, email, exists: false, customer } as never);
  }

  /** Jobs as they are now, to be delivered again however long they are gone. */
  async copyJobs(queue: Queue, jobIds: string[]): Promise<{ putBack: () => Promise<void> }> {
    const jobs = await Promise.all(jobIds.map((jobId) => queue.getJob(jobId)));
    const copies = jobs.map((job) => ({
      name: job?.name ?? '',
      data: job?.data as object,
      opts: { jobId: job?.id ?? '' },
    }));
    return {
      putBack: async () => {
        for (const { opts } of copies) await queue.remove(opts.jobId);
        await queue.addBulk(copies);
      },
    };
  }

  /** What subscribers can still be told of a job. */
  async eventsOf(jobId: string): Promise<CloudEvent[]> {
    const entries = await this.redis.xrange(EVENT_LOG, '-', '+');
    return entries
      .map(([, fields]) => JSON.parse(fields[fields.indexOf('event') + 1] ?? '') as CloudEvent)
      .filter(({ data }) => data.jobId === jobId);
  }

  private async valuesOf(key: string): Promise<Buffer[]> {
    const type = await this.redis.type(key);
    if (type === 'string') return buffers(await this.redis.getBuffer(key));
    if (type === 'hash') return buffers(await this.redis.hgetallBuffer(key));
    if (type === 'list') return buffers(await this.redis.lrangeBuffer(key, 0, -1));
    if (type === 'set') return buffers(await this.redis.smembersBuffer(key));
    if (type === 'zset') return buffers(await this.redis.zrangeBuffer(key, '0', '-1'));
    if (type === 'stream') return buffers(await this.redis.xrangeBuffer(key, '-', '+'));
    return [];
  }
}

function buffers(value: unknown): Buffer[] {
  if (Buffer.isBuffer(value)) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return [...Object.keys(value).map((key) => Buffer.from(key)), ...Object.values(value).flatMap(buffers)];
}

function leaves(value: unknown): Buffer[] {
  if (value instanceof mongo.Binary) return [Buffer.from(value.buffer)];
  if (Buffer.isBuffer(value)) return [value];
  if (typeof value !== 'object' || value === null) return [Buffer.from(String(value))];
  return Object.entries(value).flatMap(([key, one]) => [Buffer.from(key), ...leaves(one)]);
}

const textOf = (bytes: Buffer): string =>
  (bytes.subarray(0, 4).equals(ZSTD_MAGIC) ? zstdDecompressSync(bytes) : bytes).toString();
