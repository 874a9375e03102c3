import { InjectFlowProducer, InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import type { FlowProducer, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { LOGGER, type Logger } from '../../logging/logger';
import { DurabilityGate } from '../../queue/durability-gate';
import { handleOutages } from '../../queue/handle-outages';
import { QueueLimit } from '../../queue/queue-limit';
import { orUnavailable, QueueUnavailable } from '../../queue/queue-unavailable';
import { Environment } from '../../config/environment';
import {
  chunkJobId,
  CUSTOMER_JOB_OPTIONS,
  CUSTOMER_QUEUE,
  type CustomerJobName,
  type ImportChunk,
} from './customer.jobs';
import { ImportKeys } from '../import/import-keys';
import { chunkPriority } from './job-priority';
import type { Placement } from './placement';

const REMOVED_AT_ONCE = 500;

/** The way of imports onto the queue. */
@Injectable()
export class ChunkQueue {
  private readonly keys: ImportKeys;

  constructor(
    @InjectQueue(CUSTOMER_QUEUE) private readonly queue: Queue,
    @InjectFlowProducer(CUSTOMER_QUEUE) private readonly producer: FlowProducer,
    private readonly redis: Redis,
    private readonly limit: QueueLimit,
    private readonly durability: DurabilityGate,
    environment: Environment,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.keys = new ImportKeys(environment.redis.prefix);
    handleOutages(producer, CUSTOMER_QUEUE, logger);
  }

  /** Call it before a file is read that may be refused all the same. @throws QueueUnavailable, QueueFull */
  refuseWhenFull(): Promise<void> {
    return this.limit.admit(0);
  }

  /**
   * Adds all chunks of an import in one transaction: a connection that is lost on the way leaves all of them, or none.
   * Those that are there stay as they are.
   * @throws QueueUnavailable, QueueFull
   */
  async enqueue(chunks: ImportChunk[], { priority, delayMs }: Placement): Promise<void> {
    await this.limit.admit(chunks.length);
    const jobs = chunks.map((data) => ({
      name: 'BULK_IMPORT_CUSTOMERS' satisfies CustomerJobName,
      queueName: CUSTOMER_QUEUE,
      data,
      opts: {
        ...CUSTOMER_JOB_OPTIONS.BULK_IMPORT_CUSTOMERS,
        ...chunkPriority(priority, data.chunk),
        jobId: chunkJobId(data),
        ...(delayMs > 0 && { delay: delayMs }),
      },
    }));
    // A flow without parents: BullMQ's `addBulk` of a queue is a pipeline, which may arrive in part.
    await orUnavailable(this.producer.addBulk(jobs));
    await this.refuseWhenIncomplete(chunks);
    await this.durability.settled();
  }

  /** Takes the chunks of an import off the queue, but for those that are being worked on. */
  async remove(importId: string, chunks: number): Promise<void> {
    for (let from = 0; from < chunks; from += REMOVED_AT_ONCE) {
      const batch = Array.from(
        { length: Math.min(REMOVED_AT_ONCE, chunks - from) },
        (_, index) => from + index,
      );
      await Promise.all(batch.map((chunk) => this.queue.remove(chunkJobId({ importId, chunk }))));
    }
  }

  /** BullMQ does not tell of a job that Redis refused within the transaction, such as for want of memory. */
  private async refuseWhenIncomplete(chunks: ImportChunk[]): Promise<void> {
    const jobs = chunks.map((chunk) => this.queue.toKey(chunkJobId(chunk)));
    if ((await orUnavailable(this.redis.exists(...jobs))) === jobs.length) return;
    const missing = await orUnavailable(this.missing(chunks, jobs));
    if (missing > 0) throw new QueueUnavailable(`${missing} chunks were not queued`, true);
  }

  /** A job that a worker has done is gone, and the bytes of its chunk were so before. */
  private async missing(chunks: ImportChunk[], jobs: string[]): Promise<number> {
    const looks = chunks.map(async ({ importId, chunk }, index) => {
      // In this order, on one connection.
      const [job, bytes] = await Promise.all([
        this.redis.exists(jobs[index] ?? ''),
        this.redis.exists(this.keys.chunk(importId, chunk)),
      ]);
      return job === 0 && bytes === 1;
    });
    return (await Promise.all(looks)).filter((isMissing) => isMissing).length;
  }
}
