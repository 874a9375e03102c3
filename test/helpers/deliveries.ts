import { getQueueToken } from '@nestjs/bullmq';
import { Test } from '@nestjs/testing';
import { DelayedError, Job, type Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { ConfigModule } from '../../src/config/config.module';
import { Environment } from '../../src/config/environment';
import { CUSTOMER_QUEUE } from '../../src/customer/jobs/customer.jobs';
import { CustomerIndexes } from '../../src/customer/worker/customer-indexes';
import { CustomerProcessor } from '../../src/customer/worker/customer.processor';
import { createLogger } from '../../src/logging/logger';
import { LoggingModule } from '../../src/logging/logging.module';
import { MongoConnector } from '../../src/mongo/mongo-connector';
import { OWNED_QUEUES } from '../../src/queue/queues.module';
import { patient } from '../../src/queue/redis-connection';
import { redisOptions } from '../../src/queue/redis-options';
import { WorkerModule } from '../../src/worker.module';
import { closing } from './closing';
import type { TestApp } from './test-app';

/** A worker that takes no job by itself: the test says which waiting job is delivered, when, and how often. */
export interface Deliveries {
  /** @returns what each delivery came to, a refusal as its Error */
  deliver(jobId: string, options?: { times?: number; atOnce?: boolean }): Promise<unknown[]>;
  /**
   * Takes jobs off the queue as a worker does, one after the other, until all ended; those that wait for others come
   * again once nothing else is left.
   * @param beside ids of jobs that are delivered a second time at the same time
   */
  drain(beside?: ReadonlySet<string>): Promise<void>;
  /** Takes the next job off the queue as a worker does, to its end. @returns it, or undefined where none waits */
  next(): Promise<Job | undefined>;
  /** Ids of the jobs of an import, by chunk. */
  chunksOf(importId: string): Promise<string[]>;
  close(): Promise<void>;
}

const TOKEN = 'by hand';
/** More than any test needs: a job that waits for ever ends the test. */
const MAX_DELIVERIES = 2_000;

export async function createDeliveries({ variables }: TestApp): Promise<Deliveries> {
  const environment = Environment.read({ ...variables, APP_ROLE: 'worker' });
  const logger = createLogger(environment);
  // Compiled, but not initialised: no worker is running.
  const module = await Test.createTestingModule({
    imports: [ConfigModule.forRoot(environment), LoggingModule.forRoot(logger), WorkerModule],
  }).compile();
  const mongo = module.get(MongoConnector, { strict: false });
  mongo.onModuleInit();
  await module.get(CustomerIndexes, { strict: false }).ensure(new AbortController().signal);
  const processor = module.get(CustomerProcessor, { strict: false });
  const queue = module.get<Queue>(getQueueToken(CUSTOMER_QUEUE), { strict: false });

  const once = async (jobId: string): Promise<unknown> => {
    const job = await Job.fromId(queue, jobId);
    if (!job) throw new Error(`There is no job ${jobId}`);
    // As a worker that lost its lock has one: it can't move the job.
    job.token = 'lost';
    return processor.process(job).catch((error: unknown) => error);
  };
  const worker = new Worker(CUSTOMER_QUEUE, null, {
    connection: redisOptions(environment.redis.server, patient),
    prefix: environment.redis.prefix,
    autorun: false,
  });
  const end = async (job: Job): Promise<void> => {
    const [ended] = await Promise.allSettled([processor.process(job)]);
    if (ended.status === 'fulfilled') await job.moveToCompleted(ended.value, TOKEN, false);
    else if (!(ended.reason instanceof DelayedError))
      await job.moveToFailed(ended.reason as Error, TOKEN, false);
  };
  const taken = async () => (await worker.getNextJob(TOKEN, { block: false })) as Job | undefined;
  return {
    next: async () => {
      const job = await taken();
      if (job) await end(job);
      return job;
    },
    drain: async (beside) => {
      for (let deliveries = 0; deliveries < MAX_DELIVERIES; deliveries++) {
        const job = await taken();
        if (job) await Promise.all([end(job), beside?.has(job.id ?? '') && once(job.id ?? '')]);
        else {
          const delayed = await queue.getDelayed();
          if (delayed.length === 0) return;
          for (const waiting of delayed) await waiting.promote();
        }
      }
      throw new Error(`Jobs were delivered ${MAX_DELIVERIES} times and are not done`);
    },
    deliver: async (jobId, { times = 1, atOnce = false } = {}) => {
      if (atOnce) return Promise.all(Array.from({ length: times }, () => once(jobId)));
      const results: unknown[] = [];
      for (let time = 0; time < times; time++) results.push(await once(jobId));
      return results;
    },
    chunksOf: async (importId) => {
      const jobs = await queue.getJobs(['prioritized', 'waiting', 'delayed']);
      return jobs
        .filter(({ data }) => (data as { importId?: string }).importId === importId)
        .sort((a, b) => (a.data as { chunk: number }).chunk - (b.data as { chunk: number }).chunk)
        .map(({ id = '' }) => id);
    },
    close: closing(async () => {
      await worker.close();
      for (const one of module.get<Queue[]>(OWNED_QUEUES, { strict: false })) await one.close();
      module.get(Redis, { strict: false }).disconnect();
      mongo.onModuleDestroy();
      await mongo.onApplicationShutdown();
    }),
  };
}
