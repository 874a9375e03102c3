import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { Environment } from '../config/environment';
import { LOGGER, type Logger } from '../logging/logger';
import { inTime } from '../timing/in-time';
import { QueueUnavailable } from './queue-unavailable';
import { connectRedis, failFast } from './redis-connection';

/** Longest wait for the disk, in ms; with `appendfsync everysec` it takes up to a second. */
const TIMEOUT_MS = 2_000;
/** Shorter: Redis tells by itself that the disk was late. */
const DISK_TIMEOUT_MS = 1_800;
const MARKER_TTL_S = 3_600;

/**
 * With ACK_DURABILITY=fsync, keeps an answer back until the write it tells of is on the disk of Redis. The append-only
 * file is one sequence: a marker that is written after a job, on whatever connection, is synced after it. So one wait
 * for one marker answers for all that was written before it, and callers that come meanwhile share the next.
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
   * @throws QueueUnavailable (may have happened) when the disk does not follow in time
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
    const synced = redis.call('WAITAOF', 1, 0, DISK_TIMEOUT_MS) as Promise<[number, number]>;
    try {
      const [, [local]] = await inTime(TIMEOUT_MS, Promise.all([marker, synced]));
      if (local < 1) throw new Error(`Not on the disk within ${DISK_TIMEOUT_MS} ms`);
    } catch (error) {
      // Whatever it is: the write is done, and nobody knows for how long.
      throw new QueueUnavailable(error, true);
    }
  }

  /** One round at a time: it may wait for the connection, and nothing piles up. */
  private connect(): Redis {
    const rules = { ...failFast(TIMEOUT_MS), enableOfflineQueue: true };
    return connectRedis(this.environment.redis.url, rules, this.logger);
  }

  private markerKey(): string {
    return `${this.environment.redis.prefix}:durability`;
  }
}
