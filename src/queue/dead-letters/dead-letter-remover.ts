import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { keysOf } from './dead-letter-keys';
import { REMOVE_DEAD } from './remove-dead';

/** KEYS: dead. ARGV: prefix of job keys, id. */
const REMOVE = `${REMOVE_DEAD} return removeDead(KEYS[1], ARGV[1], ARGV[2])`;

/** Deletes dead letters, and no other job. */
@Injectable()
export class DeadLetterRemover {
  constructor(private readonly redis: Redis) {}

  async isDead(queue: Queue, jobId: string): Promise<boolean> {
    return (await this.redis.zscore(keysOf(queue).dead, jobId)) !== null;
  }

  /** @returns whether it was a dead letter */
  async remove(queue: Queue, jobId: string): Promise<boolean> {
    return (await this.redis.eval(REMOVE, 1, keysOf(queue).dead, queue.toKey(''), jobId)) === 1;
  }
}
