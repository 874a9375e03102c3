import { zstdDecompressSync } from 'node:zlib';
import { Redis } from 'ioredis';
import { createConnection, mongo, type Connection } from 'mongoose';
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
