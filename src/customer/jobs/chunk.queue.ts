import { InjectFlowProducer, InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import type { FlowProducer, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { LOGGER, type Logger } from '../../logging/logger';
import { DurabilityGate } from '../../queue/durability-gate';
import { handleOutages } from '../../queue/handle-outages';
import { QueueLimit } from '../../queue/queue-limit';
import { orUnavailable, QueueUnavailable } from '../../queue/queue-unavailable';
import {
  CUSTOMER_JOB_OPTIONS,
  CUSTOMER_QUEUE,
  type CustomerJobName,
  type ImportChunk,
} from './customer.jobs';
import { chunkPriority } from './job-priority';
import type { Placement } from './placement';

const REMOVED_AT_ONCE = 500;

/** The way of imports onto the queue. */
@Injectable()
export class ChunkQueue {
  constructor(
    @InjectQueue(CUSTOMER_QUEUE) private readonly queue: Queue,
    @InjectFlowProducer(CUSTOMER_QUEUE) private readonly producer: FlowProducer,
    private readonly redis: Redis,
    private readonly limit: QueueLimit,
    private readonly durability: DurabilityGate,
    @Inject(LOGGER) logger: Logger,
  ) {
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
        jobId: jobIdOf(data),
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
      await Promise.all(batch.map((chunk) => this.queue.remove(jobIdOf({ importId, chunk }))));
    }
  }

  /** BullMQ does not tell of a job that Redis refused within the transaction, such as for want of memory. */
  private async refuseWhenIncomplete(chunks: ImportChunk[]): Promise<void> {
    const keys = chunks.map((chunk) => this.queue.toKey(jobIdOf(chunk)));
    const there = await orUnavailable(this.redis.exists(...keys));
    // A worker may have done some already; what it has done it does not remove within a moment.
    if (there < keys.length)
      throw new QueueUnavailable(`${keys.length - there} chunks were not queued`, true);
  }
}

const jobIdOf = ({ importId, chunk }: Pick<ImportChunk, 'importId' | 'chunk'>): string =>
  `${importId}-${chunk}`;
