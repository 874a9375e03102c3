import { hash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../../config/environment';
import { orUnavailable } from '../../queue/queue-unavailable';
import type { AdminVisitor } from '../admin-visitor';

const ID_BYTES = 32;
/** Longer than any id of ours: not worth a question. */
const MAX_ID_LENGTH = 64;

/** People who are signed in, in Redis, so that any replica knows them. Only a hash of the id is kept: who reads Redis can't be them. */
@Injectable()
export class Sessions {
  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
  ) {}

  /** @param ttlMs how long it lasts @returns its id, which only the browser has @throws QueueUnavailable */
  async begin(visitor: AdminVisitor, ttlMs: number): Promise<string> {
    const id = randomBytes(ID_BYTES).toString('base64url');
    await orUnavailable(this.redis.set(this.key(id), JSON.stringify(visitor), 'PX', ttlMs));
    return id;
  }

  /** @returns undefined when it is over, or never was @throws QueueUnavailable */
  async find(id: string): Promise<AdminVisitor | undefined> {
    if (id.length > MAX_ID_LENGTH) return undefined;
    const stored = await orUnavailable(this.redis.get(this.key(id)));
    return stored === null ? undefined : (JSON.parse(stored) as AdminVisitor);
  }

  /** @throws QueueUnavailable */
  async end(id: string): Promise<void> {
    await orUnavailable(this.redis.unlink(this.key(id)));
  }

  private key(id: string): string {
    return `${this.environment.redis.prefix}:session:${hash('sha256', id, 'base64url')}`;
  }
}
