import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { Environment } from '../../config/environment';
import { LOGGER, type Logger } from '../../logging/logger';
import { keysOf } from './dead-letter-keys';
import { REMOVE_DEAD } from './remove-dead';

/** Jobs that one script removes: a few ms of Redis' one thread. */
const BATCH = 500;

/**
 * Removes the oldest beyond the count, then those that died too long ago, and counts them in the same step: several
 * workers at once count each job once. KEYS: dead, counts. ARGV: prefix of job keys, most kept, died before ms, batch.
 */
const TRIM = `${REMOVE_DEAD}
local batch = tonumber(ARGV[4])
local over = redis.call('ZCARD', KEYS[1]) - ARGV[2]
local ids = {}
if over > 0 then ids = redis.call('ZRANGE', KEYS[1], 0, math.min(over, batch) - 1)
else ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[3], 'LIMIT', 0, batch) end
local dropped = 0
for _, id in ipairs(ids) do dropped = dropped + removeDead(KEYS[1], ARGV[1], id) end
if dropped > 0 then redis.call('HINCRBY', KEYS[2], 'dropped', dropped) end
return dropped`;

/** Keeps the dead letters of a queue within their bounds. */
@Injectable()
export class DeadLetterTrimmer {
  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @returns how many jobs were dropped */
  async trim(queue: Queue, nowMs: number): Promise<number> {
    const { max, retentionMs } = this.environment.deadLetters;
    const { dead, counts } = keysOf(queue);
    const bounds = [max, nowMs - retentionMs, BATCH];
    let dropped = 0;
    for (;;) {
      const removed = await this.redis.eval(TRIM, 2, dead, counts, queue.toKey(''), ...bounds);
      if (removed === 0) break;
      dropped += Number(removed);
    }
    if (dropped > 0) this.logger.warn({ queue: queue.name, dropped }, 'Dead letters were dropped unseen');
    return dropped;
  }
}
