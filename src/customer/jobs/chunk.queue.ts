import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import { Job, type Queue } from 'bullmq';
import type { ChainableCommander } from 'ioredis';
import { DurabilityGate } from '../../queue/durability-gate';
import { QueueLimit } from '../../queue/queue-limit';
import { orUnavailable, QueueUnavailable } from '../../queue/queue-unavailable';
import {
  chunkJobId,
  CUSTOMER_JOB_OPTIONS,
  CUSTOMER_QUEUE,
  type CustomerJobName,
  type ImportChunk,
} from './customer.jobs';
import { chunkPriority } from './job-priority';
import type { Placement } from './placement';

const REMOVED_AT_ONCE = 500;

/** What goes with the jobs of an import, in their transaction: its commands before them, and after. */
interface Company {
  before?: (transaction: ChainableCommander) => void;
  /** @param jobs their keys */
  after: (transaction: ChainableCommander, jobs: string[]) => void;
}

/** The way of imports onto the queue. */
@Injectable()
export class ChunkQueue {
  constructor(
    @InjectQueue(CUSTOMER_QUEUE) private readonly queue: Queue,
    private readonly limit: QueueLimit,
    private readonly durability: DurabilityGate,
  ) {}

  /** Call it before a file is read that may be refused all the same. @throws QueueUnavailable, QueueFull */
  refuseWhenFull(): Promise<void> {
    return this.limit.admit(0);
  }

  /**
   * Adds all chunks of an import, and what goes with them, in one transaction: a connection that is lost on the way
   * leaves all of it, or none. Jobs that are there stay as they are.
   * @throws QueueUnavailable, QueueFull
   */
  async enqueue(chunks: ImportChunk[], placement: Placement, { before, after }: Company): Promise<void> {
    await this.limit.admit(chunks.length);
    // BullMQ's `addBulk` is a pipeline, which may arrive in part, and its flows take no commands of others.
    const backend = this.queue.getBackend();
    const jobs = (await backend.client).multi();
    const transaction = jobs as unknown as ChainableCommander;
    before?.(transaction);
    for (const chunk of chunks) {
      const job = this.jobOf(chunk, placement);
      await backend.addJobToTransaction(jobs, job.asJSON(), chunkJobId(chunk));
    }
    after(
      transaction,
      chunks.map((chunk) => this.queue.toKey(chunkJobId(chunk))),
    );
    const replies = await orUnavailable(transaction.exec());
    // What Redis refused within the transaction, such as for want of memory: the rest of it is done.
    for (const [error] of replies ?? []) if (error) throw new QueueUnavailable(error, true);
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

  private jobOf(data: ImportChunk, { priority, delayMs }: Placement): Job<ImportChunk> {
    const options = {
      ...CUSTOMER_JOB_OPTIONS.BULK_IMPORT_CUSTOMERS,
      ...chunkPriority(priority, data.chunk),
      ...(delayMs > 0 && { delay: delayMs }),
    };
    return new Job(
      this.queue,
      'BULK_IMPORT_CUSTOMERS' satisfies CustomerJobName,
      data,
      options,
      chunkJobId(data),
    );
  }
}
