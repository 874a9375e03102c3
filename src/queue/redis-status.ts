import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../config/environment';
import { oneAtATime } from '../timing/one-at-a-time';
import { QueueUnavailable } from './queue-unavailable';
import { readRedisFacts, type Persistence } from './redis-facts';
import { problemsOf, unconfirmed } from './redis-problems';

export interface RedisStatus {
  /** `degraded`: it answers, but takes no writes, or will soon take none, or none can be answered 202. */
  status: 'healthy' | 'degraded';
  /** In words; some, such as an evicting policy, do not degrade it at the moment. */
  problems: string[];
  /** bytes */
  usedMemory: number;
  /** bytes; 0: no limit */
  maxMemory: number;
  persistence: Persistence;
  /** null where the provider of Redis does not tell */
  appendfsync: string | null;
  evictionPolicy: string;
}

/** How Redis is, by its own account. */
@Injectable()
export class RedisStatusReader {
  private readonly pingOnce = oneAtATime(() => this.redis.ping());

  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
  ) {}

  /** @returns how long it took to answer, in ms. @throws QueueUnavailable at once while there is no connection */
  async ping(): Promise<number> {
    // A connection that waits for its server would keep the ping until then.
    if (this.redis.status !== 'ready') throw new QueueUnavailable(this.redis.status);
    const startedAt = performance.now();
    await this.pingOnce();
    return Math.round((performance.now() - startedAt) * 100) / 100;
  }

  async read(): Promise<RedisStatus> {
    const facts = await readRedisFacts(this.redis);
    const { volatile, weak, ...now } = problemsOf(facts);
    const failing = [...now.failing, ...unconfirmed(facts, this.environment.ackDurability)];
    const { usedMemory, maxMemory, persistence, appendfsync, evictionPolicy } = facts;
    return {
      status: failing.length === 0 ? 'healthy' : 'degraded',
      problems: [...failing, ...volatile, ...weak],
      ...{ usedMemory, maxMemory, persistence, appendfsync, evictionPolicy },
    };
  }
}
