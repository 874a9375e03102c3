import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { LOGGER, type Logger } from '../logging/logger';
import { Environment } from '../config/environment';
import { MongoConnector } from '../mongo/mongo-connector';
import { countJobs, type QueueCounts } from '../queue/queue-counts';
import { orUnavailable, QueueUnavailable } from '../queue/queue-unavailable';
import { workersOf } from '../queue/queue-workers';
import { QUEUES } from '../queue/queues.module';
import { RedisStatusReader, type RedisStatus } from '../queue/redis-status';
import { inTime } from '../timing/in-time';

export type ConsumerState = 'running' | 'stopped';

export interface SystemStatus {
  /** Without Redis, its own account is missing: null. */
  redis: { status: RedisStatus['status'] | 'unhealthy'; timestamp: string; problems: string[] } & {
    [K in Exclude<keyof RedisStatus, 'status' | 'problems'>]: RedisStatus[K] | null;
  };
  mongodb: { status: 'connected' | 'disconnected' };
  queues: Record<string, QueueCounts>;
  /** By area, and the number of workers: each takes jobs of every queue. */
  consumers: { workers: number; [area: string]: ConsumerState | number };
}

/** The servers and the consumers at a glance. Says which part is broken instead of failing with it. */
@Injectable()
export class SystemStatusReader {
  constructor(
    @Inject(QUEUES) private readonly queues: readonly Queue[],
    private readonly redis: RedisStatusReader,
    private readonly mongo: MongoConnector,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async read(): Promise<SystemStatus> {
    const [isMongoUp, redisSide] = await Promise.all([this.isMongoUp(), this.redisSide()]);
    return { ...redisSide, mongodb: { status: isMongoUp ? 'connected' : 'disconnected' } };
  }

  private async isMongoUp(): Promise<boolean> {
    try {
      await inTime(this.environment.mongo.timeoutMs, this.mongo.ping());
      return true;
    } catch (error) {
      this.logger.warn({ err: error }, 'MongoDB does not answer');
      return false;
    }
  }

  private async redisSide(): Promise<Omit<SystemStatus, 'mongodb'>> {
    try {
      const [redis, counts, workers] = await orUnavailable(
        Promise.all([
          this.redis.read(),
          Promise.all(this.queues.map(async (queue) => [queue.name, await countJobs(queue)] as const)),
          Promise.all(this.queues.map(async (queue) => (await workersOf(queue)).length)),
        ]),
      );
      return {
        redis: { timestamp: new Date().toISOString(), ...redis },
        queues: Object.fromEntries(counts),
        consumers: this.consumers(workers),
      };
    } catch (error) {
      if (!(error instanceof QueueUnavailable)) throw error;
      this.logger.warn({ err: error }, 'Redis does not answer');
      return {
        redis: {
          status: 'unhealthy',
          timestamp: new Date().toISOString(),
          problems: ['Redis does not answer'],
          usedMemory: null,
          maxMemory: null,
          persistence: null,
          appendfsync: null,
          evictionPolicy: null,
        },
        queues: {},
        // Wherever they are, they get no jobs.
        consumers: this.consumers([]),
      };
    }
  }

  /** An area runs when each of its queues has a worker. @param workers by the place of the queue */
  private consumers(workers: readonly number[]): SystemStatus['consumers'] {
    const states: Record<string, ConsumerState> = {};
    for (const [place, { name }] of this.queues.entries()) {
      const area = areaOf(name);
      const runs = (workers[place] ?? 0) > 0 && states[area] !== 'stopped';
      states[area] = runs ? 'running' : 'stopped';
    }
    return { ...states, workers: Math.max(0, ...workers) };
  }
}

/** Queues are named `<area>.<what>`. */
const areaOf = (queueName: string): string => queueName.split('.', 1)[0] ?? queueName;
