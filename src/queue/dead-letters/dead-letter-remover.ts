import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { keysOf } from './dead-letter-keys';
import { REMOVE_DEAD } from './remove-dead';

/** KEYS: dead. ARGV: prefix of job keys, id, when it died or '' for whenever. */
const REMOVE = `${REMOVE_DEAD}
if ARGV[3] ~= '' and tonumber(ARGV[3]) ~= tonumber(redis.call('ZSCORE', KEYS[1], ARGV[2]) or -1) then return 0 end
return removeDead(KEYS[1], ARGV[1], ARGV[2])`;

/** Deletes dead letters, and no other job. */
@Injectable()
export class DeadLetterRemover {
  constructor(private readonly redis: Redis) {}

  async isDead(queue: Queue, jobId: string): Promise<boolean> {
    return (await this.redis.zscore(keysOf(queue).dead, jobId)) !== null;
  }

  /** @param diedAtMs leaves a job alone that died again since @returns whether it was a dead letter */
  async remove(queue: Queue, jobId: string, diedAtMs?: number): Promise<boolean> {
    const { dead } = keysOf(queue);
    return (await this.redis.eval(REMOVE, 1, dead, queue.toKey(''), jobId, diedAtMs ?? '')) === 1;
  }
}
