import { Injectable } from '@nestjs/common';
import type { ImportRecord } from '../import/import-record';
import { ImportRecords } from '../import/import-records';
import type { ImportChunk } from '../jobs/customer.jobs';
import { chunkJobId } from '../jobs/customer.jobs';
import { JobTurns, WriteAhead } from './job-turns';

/** Least time until a chunk's turn, per chunk before it: its look is a net, since it is woken when its turn comes. */
const LOOK_PER_CHUNK_MS = 250;
const MAX_LOOK_MS = 30_000;

/**
 * Lets the chunks of an import be written one after the other where a row's outcome depends on the rows before it. With
 * `update` the later row wins per field, whatever runs first, so chunks run side by side.
 */
@Injectable()
export class ChunkSequence {
  constructor(
    private readonly records: ImportRecords,
    private readonly turns: JobTurns,
  ) {}

  /** Resolves when all chunks before are settled; one that failed is too. @throws WriteAhead */
  async await({ importId, chunk }: ImportChunk, record: ImportRecord): Promise<void> {
    if (chunk === 0 || !isOrdered(record)) return;
    const settled = await this.records.settledChunks(importId);
    if (settled >= chunk) return;
    const lookMs = Math.min(MAX_LOOK_MS, LOOK_PER_CHUNK_MS * (chunk - settled));
    throw new WriteAhead(chunkJobId({ importId, chunk: chunk - 1 }), Date.now() + lookMs);
  }

  /** The chunk is settled: saves the next one its look. */
  async next({ importId, chunk }: ImportChunk, record: ImportRecord | undefined): Promise<void> {
    if (record && isOrdered(record) && chunk + 1 < record.chunks)
      await this.turns.wake(chunkJobId({ importId, chunk: chunk + 1 }));
  }
}

const isOrdered = ({ onDuplicate, dryRun }: ImportRecord): boolean => dryRun || onDuplicate !== 'update';
