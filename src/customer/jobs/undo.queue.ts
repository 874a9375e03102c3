import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { QueueIntake } from '../../queue/queue-intake';
import { orUnavailable, QueueUnavailable } from '../../queue/queue-unavailable';
import type { ImportRef } from '../import/import-record';
import { UndoRecords } from '../import/undo/undo-records';
import { addChunkJobs } from './chunk-transaction';
import { CUSTOMER_QUEUE, type UndoChunk } from './customer.jobs';
import { FairPlaces } from './fair-places';
import type { Placement } from './placement';

/** The way of undos onto the queue. */
@Injectable()
export class UndoQueue {
  constructor(
    @InjectQueue(CUSTOMER_QUEUE) private readonly queue: Queue,
    private readonly intake: QueueIntake,
    private readonly undos: UndoRecords,
    private readonly places: FairPlaces,
  ) {}

  /**
   * Adds all chunks of an undo in one transaction, as `ChunkQueue` does; those that are there stay as they are.
   * @throws QueueUnavailable, QueueFull
   */
  async enqueue(undone: ImportRef, chunks: UndoChunk[], placement: Placement): Promise<void> {
    if (chunks.length === 0) return;
    await this.intake.admit(chunks.length);
    const place = await this.places.take(undone, placement.priority);
    const jobs = { name: 'UNDO_IMPORT', chunks, jobIdOf, placement, place } as const;
    const keys = await addChunkJobs(this.queue, jobs);
    // BullMQ does not tell of a job that Redis refused within the transaction, such as for want of memory.
    const missing = await orUnavailable(this.undos.missing(undone.importId, keys));
    if (missing > 0) throw new QueueUnavailable(`${missing} chunks of an undo were not queued`, true);
    await this.intake.added(CUSTOMER_QUEUE, jobs.name, chunks.length);
  }
}

const jobIdOf = ({ importId, chunk }: UndoChunk): string => `${importId}-undo-${chunk}`;
