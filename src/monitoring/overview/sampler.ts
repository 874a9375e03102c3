import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Environment } from '../../config/environment';
import { MongoConnector } from '../../mongo/mongo-connector';
import { countJobs } from '../../queue/queue-counts';
import { QUEUES } from '../../queue/queues.module';
import { RedisStatusReader } from '../../queue/redis-status';
import { inTime } from '../../timing/in-time';
import { WorkerReports } from '../workers/worker-reports';
import type { QueueSample, Sample } from './sample';

/** Takes samples: a handful of short commands each. */
@Injectable()
export class Sampler {
  constructor(
    @Inject(QUEUES) private readonly queues: readonly Queue[],
    private readonly redis: RedisStatusReader,
    private readonly mongo: MongoConnector,
    private readonly workers: WorkerReports,
    private readonly environment: Environment,
  ) {}

  /** @throws when Redis does not answer */
  async take(): Promise<Sample> {
    const [queues, { usedMemory }, mongoMs, workers] = await Promise.all([
      Promise.all(this.queues.map(async (queue) => [queue.name, await sampleOf(queue)] as const)),
      this.redis.read(),
      this.mongoMs(),
      this.workers.list(),
    ]);
    return {
      atMs: Date.now(),
      queues: Object.fromEntries(queues),
      redisMemory: usedMemory,
      mongoMs,
      workers: workers.length,
    };
  }

  /** How long MongoDB takes to answer. @returns null when it does not, or not in time */
  async mongoMs(): Promise<number | null> {
    const startedAt = performance.now();
    try {
      await inTime(this.environment.mongo.timeoutMs, this.mongo.ping());
      return Math.round((performance.now() - startedAt) * 100) / 100;
    } catch {
      // Null says it; the page that asks turns red.
      return null;
    }
  }
}

async function sampleOf(queue: Queue): Promise<QueueSample> {
  const [{ pending, prioritized, active, delayed, failed }, completedEver, failedEver] = await Promise.all([
    countJobs(queue),
    queue.getMetrics('completed', 0, 0),
    queue.getMetrics('failed', 0, 0),
  ]);
  return {
    waiting: pending + prioritized,
    active,
    delayed,
    failed,
    completedEver: completedEver.meta.count,
    failedEver: failedEver.meta.count,
  };
}
