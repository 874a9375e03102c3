import type { Redis } from 'ioredis';
import type { Environment } from '../config/environment';
import { readRedisFacts, type RedisFacts } from './redis-facts';
import { outageOf } from './redis-outage';
import { problemsOf, unconfirmed } from './redis-problems';

/** What a look at a Redis comes to, for a process with these settings. */
export interface RedisVerdict {
  /** Why it must not work on it, a line for each reason. Empty: it is fit. */
  refusals: string[];
  /** What an operator should know all the same. */
  warnings: string[];
  facts: RedisFacts;
}

/** @throws what asking failed with: an outage, or a Redis that forbids to ask */
export async function judgeRedis(redis: Redis, environment: Environment): Promise<RedisVerdict> {
  const facts = await readRedisFacts(redis);
  const { volatile, weak } = problemsOf(facts);
  const { production, redis: settings, ackDurability } = environment;
  const mustNotBe = production && !settings.mayBeVolatile;
  return {
    refusals: [
      ...(mustNotBe ? volatile.map((problem) => `REDIS_URL: ${problem}, or ALLOW_VOLATILE_REDIS=true`) : []),
      ...(ackDurability === 'fsync' ? await fsyncProblems(redis, facts) : []),
    ],
    warnings: [...(mustNotBe ? [] : volatile), ...weak, ...unconfirmed(facts, ackDurability)],
    facts,
  };
}

/** What keeps Redis from telling when a write is on the disk. */
async function fsyncProblems(redis: Redis, { persistence }: RedisFacts): Promise<string[]> {
  if (!persistence.startsWith('aof'))
    return ['ACK_DURABILITY: fsync needs the append-only file of Redis, set appendonly yes'];
  try {
    // Waits for nothing: it only tells whether the command is known.
    await redis.call('WAITAOF', 0, 0, 1);
    return [];
  } catch (error) {
    if (outageOf(error) !== undefined) throw error;
    return [`ACK_DURABILITY: fsync needs WAITAOF, of Redis 7.2 or Valkey; this one says: ${String(error)}`];
  }
}
