import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { Environment } from '../../config/environment';
import { orUnavailable } from '../../queue/queue-unavailable';
import { ImportKeys } from '../import/import-keys';
import type { ImportRef } from '../import/import-record';
import { CUSTOMER_QUEUE, type Priority } from './customer.jobs';
import { levelsOf, type FairPlace } from './job-priority';

/** Longer than an import waits. */
const OPEN_TTL_MS = 60 * 24 * 3_600_000;
/** Who sends no file for a day begins where the queue is. */
const LEVEL_TTL_MS = 24 * 3_600_000;
/** A job's score in BullMQ is its priority times this, plus a counter. */
const SCORE_OF_PRIORITY = 2 ** 32;

/**
 * Start-time fair queueing: a file begins where the queue has come to, and a level behind the file of its tenant that
 * came before. Where nothing waits, that is the highest level so far, so that those who come at once stand side by side,
 * whose jobs are not added yet; or, from half way up, level 0 of a new age.
 * KEYS: the tenant's open imports, jobs by priority, highest levels, the tenant's last levels. ARGV: import, ms that an
 * import is kept, ms that a level is kept, first level, last level, priority. Returns how many others of the tenant are
 * open, the level.
 */
const TAKE_PLACE = `
local import, first, last, priority = ARGV[1], ARGV[4], ARGV[5], ARGV[6]
local score = ${SCORE_OF_PRIORITY}
redis.call('ZADD', KEYS[1], 0, import)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local age, highest = string.match(redis.call('HGET', KEYS[3], priority) or '0 -1', '(%d+) (-?%d+)')
local beyond = '(' .. string.format('%.0f', (last + 1) * score)
local next = redis.call('ZRANGEBYSCORE', KEYS[2], string.format('%.0f', first * score), beyond, 'WITHSCORES', 'LIMIT', 0, 1)[2]
local level = next and math.floor(next / score) - first or math.max(highest, 0)
if not next and level > (last - first) / 2 then
  age, highest, level = age + 1, -1, 0
end
local lastAge, lastLevel = string.match(redis.call('HGET', KEYS[4], priority) or '', '(%d+) (%d+)')
if tonumber(lastAge) == tonumber(age) then level = math.max(level, lastLevel + 1) end
redis.call('HSET', KEYS[4], priority, string.format('%d %d', age, level))
redis.call('PEXPIRE', KEYS[4], ARGV[3])
redis.call('HSET', KEYS[3], priority, string.format('%d %d', age, math.max(highest, level)))
return {redis.call('ZCARD', KEYS[1]) - 1, level}`;

/** Knows where the chunks of a file stand, so that a tenant with many files keeps no other one waiting. */
@Injectable()
export class FairPlaces {
  private readonly keys: ImportKeys;

  constructor(
    @InjectQueue(CUSTOMER_QUEUE) private readonly queue: Queue,
    private readonly redis: Redis,
    private readonly environment: Environment,
  ) {
    this.keys = new ImportKeys(environment.redis.prefix);
  }

  /** The import, or its undo, is open from now on: who ends it takes it off. @throws QueueUnavailable */
  async take({ tenantId, importId }: ImportRef, priority: Priority): Promise<FairPlace> {
    const { first, last } = levelsOf(priority);
    const { prefix } = this.environment.redis;
    const keys = [this.keys.open(tenantId), this.queue.toKey('prioritized')];
    keys.push(`${prefix}:fair-levels`, `${prefix}:fair-level:${tenantId}`);
    const args = [importId, OPEN_TTL_MS, LEVEL_TTL_MS, first, last, priority];
    const taking = this.redis.eval(TAKE_PLACE, keys.length, ...keys, ...args);
    const [others, level] = (await orUnavailable(taking)) as [number, number];
    return { others, level };
  }
}
