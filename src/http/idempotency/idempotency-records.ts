import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../../config/environment';
import { newId } from '../../customer/customer-id';
import { orUnavailable } from '../../queue/queue-unavailable';
import { KeyInUse } from './key-in-use';
import { KeyReused } from './key-reused';
import { recordsOf } from './record-keys';

/** How long a key is kept. */
const KEPT_MS = 24 * 3_600_000;

/**
 * Claims a key. KEYS: record, lock. ARGV: fingerprint, owner, lease ms, id, kept ms.
 * The first claim's id stays in the record, so that a claim that takes over from a dead one goes on with it.
 */
const CLAIM = `
local kept = redis.call('HMGET', KEYS[1], 'fingerprint', 'answer', 'file', 'id')
if kept[1] and kept[1] ~= ARGV[1] then return {'other'} end
if kept[2] then return {'answered', kept[2], kept[3] or ''} end
if not redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) then
  return {'busy', tostring(redis.call('PTTL', KEYS[2]))}
end
if not kept[4] then redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'id', ARGV[4]) end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return {'claimed', kept[4] or ARGV[4], kept[4] and 'again' or 'first'}`;

/** Renews the lease of who holds the lock. KEYS: lock. ARGV: owner, lease ms. */
const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** Keeps the hash of the file that the key is for. KEYS: record, lock. ARGV: owner, hash. */
const SEAL = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 'lost' end
local file = redis.call('HGET', KEYS[1], 'file')
if file and file ~= ARGV[2] then return 'other' end
redis.call('HSET', KEYS[1], 'file', ARGV[2])
return 'sealed'`;

/** Keeps the answer, and lets go. Who lost the lock did the same work. KEYS: record, lock. ARGV: owner, id, answer, kept ms. */
const COMPLETE = `
if redis.call('HGET', KEYS[1], 'id') == ARGV[2] then
  redis.call('HSETNX', KEYS[1], 'answer', ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end`;

/** Lets go without an answer. KEYS: record, lock. ARGV: owner, 'forget' or 'keep'. */
const RELEASE = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
if ARGV[2] == 'forget' then redis.call('DEL', KEYS[1]) end
return 1`;

/** What a write was answered, to be answered again. */
export interface KeptAnswer {
  body: object;
  location?: string | undefined;
}

/** A key that this request holds: no other request with it is let in while the lease is renewed. */
export interface Claim {
  readonly keys: [record: string, lock: string];
  readonly owner: string;
  readonly leaseMs: number;
  /** Of the work: made by the first claim, and the same in every later one. */
  readonly id: string;
  /** A request with this key came before, and got no answer: its work may be done. */
  readonly isRepeat: boolean;
}

export type Claimed = { claim: Claim } | { answer: KeptAnswer; fileSha256: string };

/** What is kept of each key: whom it is for, the id of the work, and the answer. In Redis, for all API replicas. */
@Injectable()
export class IdempotencyRecords {
  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
  ) {}

  /**
   * Atomic: of many requests with one key, one gets the claim.
   * @throws KeyInUse while another request holds it
   * @throws KeyReused when it was used for a request with another fingerprint
   * @throws QueueUnavailable
   */
  async claim(tenantId: string, key: string, fingerprint: string, leaseMs: number): Promise<Claimed> {
    const record = this.recordKey(tenantId, key);
    const keys: Claim['keys'] = [record, `${record}:lock`];
    const owner = randomUUID();
    const args = [fingerprint, owner, leaseMs, newId(), KEPT_MS];
    const result = await orUnavailable(this.redis.eval(CLAIM, 2, ...keys, ...args));
    const [outcome, value = '', more = ''] = result as string[];
    if (outcome === 'other') throw new KeyReused();
    if (outcome === 'busy') throw new KeyInUse(Number(value));
    if (outcome === 'answered') return { answer: JSON.parse(value) as KeptAnswer, fileSha256: more };
    return { claim: { keys, owner, leaseMs, id: value, isRepeat: more === 'again' } };
  }

  /** @returns whether the claim still holds */
  async renew({ keys: [, lock], owner, leaseMs }: Claim): Promise<boolean> {
    return (await this.redis.eval(RENEW, 1, lock, owner, leaseMs)) === 1;
  }

  /**
   * Binds the key to a file, once it has arrived.
   * @throws KeyInUse when the claim was lost to another request
   * @throws KeyReused when the key is bound to another file
   * @throws QueueUnavailable
   */
  async seal({ keys, owner, leaseMs }: Claim, sha256: string): Promise<void> {
    const outcome = await orUnavailable(this.redis.eval(SEAL, 2, ...keys, owner, sha256));
    if (outcome === 'lost') throw new KeyInUse(leaseMs);
    if (outcome === 'other') throw new KeyReused();
  }

  async complete({ keys, owner, id }: Claim, answer: KeptAnswer): Promise<void> {
    await this.redis.eval(COMPLETE, 2, ...keys, owner, id, JSON.stringify(answer), KEPT_MS);
  }

  /** Ends the claim. The record is kept where the work may be done, forgotten where it certainly is not. */
  async release({ keys, owner }: Claim, record: 'keep' | 'forget'): Promise<void> {
    await this.redis.eval(RELEASE, 2, ...keys, owner, record);
  }

  /** Hashed: all are of one length, and what a caller put into a key is not in the names of keys. */
  private recordKey(tenantId: string, key: string): string {
    const hash = createHash('sha256').update(key).digest('hex');
    return `${recordsOf(this.environment.redis.prefix, tenantId)}${hash}`;
  }
}
