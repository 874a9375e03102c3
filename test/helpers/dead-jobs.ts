import { randomUUID } from 'node:crypto';
import { Queue, UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { CUSTOMER_QUEUE } from '../../src/customer/jobs/customer.jobs';
import { closing } from './closing';
import type { TestApp } from './test-app';
import { waitFor } from './wait';

/** A queue whose jobs die or end well as the test says; no worker of the service must be beside it. */
export class DeadJobs {
  readonly close = closing(async () => {
    await this.queue.close();
    this.redis.disconnect();
  });

  private constructor(
    readonly redis: Redis,
    readonly queue: Queue,
    readonly prefix: string,
  ) {}

  static of({ variables }: Pick<TestApp, 'variables'>): DeadJobs {
    const { REDIS_URL = '', QUEUE_PREFIX = '' } = variables;
    const redis = new Redis(REDIS_URL, { maxRetriesPerRequest: null });
    return new DeadJobs(
      redis,
      new Queue(CUSTOMER_QUEUE, { connection: redis, prefix: QUEUE_PREFIX }),
      QUEUE_PREFIX,
    );
  }

  /** Adds jobs and lets them die. @returns their ids */
  async make(count: number, data: object = {}, error = 'poisoned'): Promise<string[]> {
    const jobIds = Array.from({ length: count }, () => randomUUID());
    await this.queue.addBulk(
      jobIds.map((jobId) => ({ name: 'NO_SUCH_JOB', data, opts: { jobId, attempts: 3 } })),
    );
    await this.work(() => {
      throw new UnrecoverableError(error);
    });
    return jobIds;
  }

  /** Runs what waits, until nothing does. @returns ids of the jobs that ran */
  async work(process: () => void = () => undefined): Promise<string[]> {
    const ran: string[] = [];
    const connection = this.redis.duplicate();
    const worker = new Worker(
      CUSTOMER_QUEUE,
      ({ id = '' }) => {
        ran.push(id);
        process();
        return Promise.resolve({});
      },
      { connection, prefix: this.prefix, concurrency: 20 },
    );
    await waitFor(
      'the queue to be empty',
      () => this.queue.getJobCountByTypes('waiting', 'active', 'prioritized'),
      (left) => left === 0,
    );
    await worker.close();
    connection.disconnect();
    return ran;
  }

  /** Fields of the job's own hash. */
  async fields(jobId: string): Promise<Record<string, string>> {
    return this.redis.hgetall(this.queue.toKey(jobId));
  }

  async mark(jobId: string, fields: Record<string, string>): Promise<void> {
    await this.redis.hset(this.queue.toKey(jobId), fields);
  }

  /** As if it had died so long ago. */
  async age(jobId: string, ms: number): Promise<void> {
    await this.redis.zadd(this.queue.toKey('failed'), 'XX', Date.now() - ms, jobId);
  }

  /** As if all had died in the same ms. */
  async atOnce(jobIds: string[]): Promise<void> {
    const now = Date.now();
    for (const id of jobIds) await this.redis.zadd(this.queue.toKey('failed'), 'XX', now, id);
  }

  async dead(): Promise<string[]> {
    return this.redis.zrange(this.queue.toKey('failed'), '0', '-1');
  }
}
