import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { QueueIntake } from '../../queue/queue-intake';
import { addChunkJobs, type Company } from './chunk-transaction';
import type { ImportRef } from '../import/import-record';
import { chunkJobId, CUSTOMER_QUEUE, type ImportChunk } from './customer.jobs';
import { FairPlaces } from './fair-places';
import type { Placement } from './placement';

const REMOVED_AT_ONCE = 500;

/** The way of imports onto the queue. */
@Injectable()
export class ChunkQueue {
  constructor(
    @InjectQueue(CUSTOMER_QUEUE) private readonly queue: Queue,
    private readonly intake: QueueIntake,
    private readonly places: FairPlaces,
  ) {}

  /** Call it before a file is read that may be refused all the same. @throws QueueUnavailable, QueueFull */
  refuseWhenFull(): Promise<void> {
    return this.intake.admit(0);
  }

  /**
   * Adds all chunks of an import, and what goes with them, in one transaction: a connection that is lost on the way
   * leaves all of it, or none. Jobs that are there stay as they are.
   * @throws QueueUnavailable, QueueFull
   */
  async enqueue(
    file: ImportRef,
    chunks: ImportChunk[],
    placement: Placement,
    company: Company,
  ): Promise<void> {
    await this.intake.admit(chunks.length);
    const place = await this.places.take(file, placement.priority);
    const jobs = { name: 'BULK_IMPORT_CUSTOMERS', chunks, jobIdOf: chunkJobId, placement, place } as const;
    await addChunkJobs(this.queue, jobs, company);
    await this.intake.added(CUSTOMER_QUEUE, jobs.name, chunks.length);
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
}
