import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import { Job, type Queue } from 'bullmq';
import { DurabilityGate } from '../../queue/durability-gate';
import { QueueLimit } from '../../queue/queue-limit';
import { orUnavailable, QueueUnavailable } from '../../queue/queue-unavailable';
import { UndoRecords } from '../import/undo/undo-records';
import { CUSTOMER_JOB_OPTIONS, CUSTOMER_QUEUE, type CustomerJobName, type UndoChunk } from './customer.jobs';
import { chunkPriority } from './job-priority';
import type { Placement } from './placement';

/** The way of undos onto the queue. */
@Injectable()
export class UndoQueue {
  constructor(
    @InjectQueue(CUSTOMER_QUEUE) private readonly queue: Queue,
    private readonly limit: QueueLimit,
    private readonly durability: DurabilityGate,
    private readonly undos: UndoRecords,
  ) {}

  /**
   * Adds all chunks of an undo in one transaction, as `ChunkQueue` does; those that are there stay as they are.
   * @throws QueueUnavailable, QueueFull
   */
  async enqueue(importId: string, chunks: UndoChunk[], placement: Placement): Promise<void> {
    if (chunks.length === 0) return;
    await this.limit.admit(chunks.length);
    const backend = this.queue.getBackend();
    const jobs = (await backend.client).multi();
    for (const chunk of chunks) {
      const job = this.jobOf(chunk, placement);
      await backend.addJobToTransaction(jobs, job.asJSON(), jobIdOf(chunk));
    }
    await orUnavailable(jobs.exec());
    // BullMQ does not tell of a job that Redis refused within the transaction, such as for want of memory.
    const keys = chunks.map((chunk) => this.queue.toKey(jobIdOf(chunk)));
    const missing = await orUnavailable(this.undos.missing(importId, keys));
    if (missing > 0) throw new QueueUnavailable(`${missing} chunks of an undo were not queued`, true);
    await this.durability.settled();
  }
  private jobOf(data: UndoChunk, { priority, delayMs }: Placement): Job<UndoChunk> {
    const options = {
      ...CUSTOMER_JOB_OPTIONS.UNDO_IMPORT,
      ...chunkPriority(priority, data.chunk),
      ...(delayMs > 0 && { delay: delayMs }),
    };
    return new Job(this.queue, 'UNDO_IMPORT' satisfies CustomerJobName, data, options, jobIdOf(data));
  }
}

const jobIdOf = ({ importId, chunk }: UndoChunk): string => `${importId}-undo-${chunk}`;
