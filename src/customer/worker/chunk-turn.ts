import { Injectable } from '@nestjs/common';
import { CustomerRepository } from '../customer.repository';
import { ChunkGate } from '../import/chunk-gate';
import type { ImportRecord } from '../import/import-record';
import type { ImportRow } from '../import/import-row';
import { customerLane, emailLane, tenantLane } from '../jobs/customer-lanes';
import type { ImportChunk } from '../jobs/customer.jobs';
import { ChunkSequence } from './chunk-sequence';
import { ChunkUndo } from './chunk-undo';
import { JobTurns } from './job-turns';

/** Lets a chunk be written unless its import was cancelled or undone, when the single writes to its customers that were accepted before its import have ended. */
@Injectable()
export class ChunkTurn {
  constructor(
    private readonly turns: JobTurns,
    private readonly customers: CustomerRepository,
    private readonly gate: ChunkGate,
    private readonly sequence: ChunkSequence,
    private readonly undo: ChunkUndo,
  ) {}

  /** @returns whether the chunk may ever be written, by what is known before its turn */
  async mayCome(chunk: ImportChunk, { cancelRequestedAt, undo }: ImportRecord): Promise<boolean> {
    return (cancelRequestedAt === undefined && undo === undefined) || (await this.gate.isOpen(chunk));
  }

  /** Resolves when no chunk of the same file must be written before. @throws WriteAhead */
  comesNext(chunk: ImportChunk, record: ImportRecord): Promise<void> {
    return this.sequence.await(chunk, record);
  }

  /**
   * @returns whether the chunk may be written
   * @throws WriteAhead
   */
  async take(chunk: ImportChunk, order: number, rows: readonly ImportRow[]): Promise<boolean> {
    await this.awaitWritesBefore(chunk.tenantId, order, rows);
    return this.gate.pass(chunk);
  }

  /** The chunk is settled: it is the next one's turn. */
  async ended(chunk: ImportChunk, record: ImportRecord | undefined): Promise<void> {
    await this.sequence.next(chunk, record);
    // It may have been written beside the undo of its import, which then did not see all of it. One that waits for its
    // turn comes to the chunk later.
    if (record?.undo && record.undo.status !== 'queued') await this.undo.again(record, record.undo, chunk);
  }

  private async awaitWritesBefore(
    tenantId: string,
    order: number,
    rows: readonly ImportRow[],
  ): Promise<void> {
    // Single writes go before imports, so there is nearly never one left.
    if ((await this.turns.ahead(order, [tenantLane(tenantId)])) === undefined) return;
    const emails = rows.map(({ customer }) => customer.email);
    await this.turns.clear(
      order,
      emails.map((email) => emailLane(tenantId, email)),
    );
    const holders = await this.customers.holders(tenantId, emails);
    await this.turns.clear(
      order,
      holders.map((id) => customerLane(tenantId, id)),
    );
  }
}
