import { Injectable } from '@nestjs/common';
import { Environment } from '../../config/environment';
import { orUnavailable, QueueUnavailable } from '../../queue/queue-unavailable';
import { RedisStatusReader, type RedisStatus } from '../../queue/redis-status';
import { oneAtATime } from '../../timing/one-at-a-time';
import { WorkerReports, type SeenWorker } from '../workers/worker-reports';
import { QueueOverviews, type QueueOverview } from './queue-overviews';
import { Sampler } from './sampler';
import { troublesOf, type Trouble } from './troubles';

/** The service now. Says which part is broken instead of failing with it. */
export interface Overview {
  /** ISO 8601 */
  at: string;
  troubles: Trouble[];
  queues: QueueOverview[];
  workers: SeenWorker[];
  redis: { status: RedisStatus['status'] | 'unhealthy'; latencyMs: number | null; problems: string[] } & {
    [K in 'usedMemory' | 'maxMemory' | 'persistence' | 'appendfsync' | 'evictionPolicy']:
      RedisStatus[K] | null;
  };
  mongodb: { latencyMs: number | null };
}

type RedisSide = Pick<Overview, 'queues' | 'workers' | 'redis'>;

const REDIS_AWAY: RedisSide = {
  queues: [],
  workers: [],
  redis: {
    status: 'unhealthy',
    latencyMs: null,
    problems: [],
    usedMemory: null,
    maxMemory: null,
    persistence: null,
    appendfsync: null,
    evictionPolicy: null,
  },
};

/** What the first page of the cockpit shows: looked at once for all who watch. */
@Injectable()
export class OverviewReader {
  readonly read = oneAtATime(() => this.look());

  constructor(
    private readonly queues: QueueOverviews,
    private readonly workers: WorkerReports,
    private readonly redis: RedisStatusReader,
    private readonly sampler: Sampler,
    private readonly environment: Environment,
  ) {}

  private async look(): Promise<Overview> {
    const [latencyMs, redisSide] = await Promise.all([this.sampler.mongoMs(), this.redisSide()]);
    const seen = { at: new Date().toISOString(), ...redisSide, mongodb: { latencyMs } };
    return { ...seen, troubles: troublesOf(seen, { maxWaiting: this.environment.queueMaxWaiting }) };
  }

  private async redisSide(): Promise<RedisSide> {
    try {
      const [latencyMs, status, queues, workers] = await orUnavailable(
        Promise.all([this.redis.ping(), this.redis.read(), this.queues.read(), this.workers.list()]),
      );
      return { queues, workers, redis: { ...status, latencyMs } };
    } catch (error) {
      if (error instanceof QueueUnavailable) return REDIS_AWAY;
      throw error;
    }
  }
}
