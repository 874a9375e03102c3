import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { Environment } from '../config/environment';
import { LOGGER, type Logger } from '../logging/logger';
import { inTime } from '../timing/in-time';
import { QueueUnavailable } from './queue-unavailable';
import { connectRedis, failFast } from './redis-connection';

/** Longest wait for the disk or a replica, in ms; with `appendfsync everysec` it takes up to a second. */
const TIMEOUT_MS = 2_000;
/** Shorter: Redis tells by itself that it is late. */
const REDIS_TIMEOUT_MS = 1_800;
const MARKER_TTL_S = 3_600;

/**
 * Keeps an answer back until the write it tells of is on the disk of Redis (ACK_DURABILITY=fsync), or in the memory of a
 * replica (replica). Both are one sequence: a marker that is written after a job, on whatever connection, is there after
 * it. So one wait for one marker answers for all that was written before it, and callers that come meanwhile share the
 * next.
 */
@Injectable()
export class DurabilityGate implements OnApplicationShutdown {
  private running: Promise<void> | undefined;
  private next: Promise<void> | undefined;
  private connection: Redis | undefined;

  constructor(
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Call it after Redis has answered the write, before the caller is answered. With `aof` it resolves at once.
   * @throws QueueUnavailable (may have happened) when the disk, or every replica, does not follow in time
   */
  async settled(): Promise<void> {
    if (this.environment.ackDurability === 'aof') return;
    if (!this.running) return this.begin();
    // The round under way may have begun before the write.
    this.next ??= this.running.then(
      () => this.begin(),
      () => this.begin(),
    );
    return this.next;
  }

  onApplicationShutdown(): void {
    this.connection?.disconnect();
  }

  private begin(): Promise<void> {
    this.next = undefined;
    this.running = this.round().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async round(): Promise<void> {
    const redis = (this.connection ??= this.connect());
    const marker = redis.set(this.markerKey(), Date.now(), 'EX', MARKER_TTL_S);
    const followed = this.followers(redis);
    try {
      const [, count] = await inTime(TIMEOUT_MS, Promise.all([marker, followed]));
      if (count < 1)
        throw new Error(`Not there within ${REDIS_TIMEOUT_MS} ms: ${this.environment.ackDurability}`);
    } catch (error) {
      // Whatever it is: the write is done, and nobody knows for how long.
      throw new QueueUnavailable(error, true);
    }
  }

  /** @returns of disks or replicas, how many have what this connection wrote */
  private async followers(redis: Redis): Promise<number> {
    if (this.environment.ackDurability === 'replica') return redis.wait(1, REDIS_TIMEOUT_MS);
    const [disks] = (await redis.call('WAITAOF', 1, 0, REDIS_TIMEOUT_MS)) as [number, number];
    return disks;
  }

  /** One round at a time: it may wait for the connection, and nothing piles up. */
  private connect(): Redis {
    const rules = { ...failFast(TIMEOUT_MS), enableOfflineQueue: true };
    return connectRedis(this.environment.redis.server, rules, this.logger);
  }

  private markerKey(): string {
    return `${this.environment.redis.prefix}:durability`;
  }
}
