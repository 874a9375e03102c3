import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Answer, Client } from './client';
import { closing } from './closing';
import type { TestApp } from './test-app';
import { waitFor } from './wait';

/** Sends a write under an `Idempotency-Key`. */
export const withKey = (
  client: Client,
  key: string,
  [method, path, body]: readonly [method: string, path: string, body?: unknown],
): Promise<Answer> =>
  client.fetch(path, {
    method,
    headers: { 'idempotency-key': key, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

/** The same again until it is accepted, as a client does that was answered 503 or 409. */
export const untilAccepted = (send: () => Promise<Answer>): Promise<Answer> =>
  waitFor('the write to be accepted', send, ({ status }) => status === 202);

/** What is kept of idempotency keys, to look at it and to leave it as a crash would. */
export class KeyStore {
  readonly close = closing(() => {
    this.redis.disconnect();
  });

  private constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
  ) {}

  /** @param url of the server, where the app's own goes through a proxy */
  static of({ variables }: Pick<TestApp, 'variables'>, url = variables.REDIS_URL): KeyStore {
    return new KeyStore(new Redis(url ?? ''), variables.QUEUE_PREFIX ?? '');
  }

  ttlMs(tenantId: string, key: string): Promise<number> {
    return this.redis.pttl(this.recordKey(tenantId, key));
  }

  /** ms for which the key is still claimed; negative when it is not. */
  claimedMs(tenantId: string, key: string): Promise<number> {
    return this.redis.pttl(`${this.recordKey(tenantId, key)}:lock`);
  }

  /** Claims the key, or what is left of its claim, for another request. */
  async claim(tenantId: string, key: string, leaseMs: number): Promise<void> {
    await this.redis.set(`${this.recordKey(tenantId, key)}:lock`, 'another request', 'PX', leaseMs);
  }

  async shortenClaim(tenantId: string, key: string, leaseMs: number): Promise<void> {
    await this.redis.pexpire(`${this.recordKey(tenantId, key)}:lock`, leaseMs);
  }

  /** As if the API had died before it kept the answer. */
  async forgetAnswer(tenantId: string, key: string): Promise<void> {
    const forgotten = await this.redis.hdel(this.recordKey(tenantId, key), 'answer');
    if (forgotten !== 1) throw new Error(`There is no answer to key ${key}`);
  }

  private recordKey(tenantId: string, key: string): string {
    return `${this.prefix}:idempotency:${tenantId}:${createHash('sha256').update(key).digest('hex')}`;
  }
}
