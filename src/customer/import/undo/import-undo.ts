import { ConflictException, Injectable } from '@nestjs/common';
import { Environment } from '../../../config/environment';
import { AcceptanceOrder } from '../../../queue/acceptance-order';
import { orUnavailable } from '../../../queue/queue-unavailable';
import type { Origin, UndoChunk } from '../../jobs/customer.jobs';
import type { Placement } from '../../jobs/placement';
import { UndoQueue } from '../../jobs/undo.queue';
import type { ImportRecord } from '../import-record';
import { ImportRecords, isOver } from '../import-records';
import { placesOf } from './chunk-sizes';
import { UndoRecords } from './undo-records';
import type { Undo } from './undo-state';

/** Takes requests to undo imports in: the workers do it. */
@Injectable()
export class ImportUndo {
  constructor(
    private readonly records: ImportRecords,
    private readonly undos: UndoRecords,
    private readonly order: AcceptanceOrder,
    private readonly queue: UndoQueue,
    private readonly environment: Environment,
  ) {}

  /**
   * An import is undone once: asked again, it answers with the same undo.
   * @throws NotFoundException, ConflictException when the import is not over, or over for too long, QueueUnavailable,
   * QueueFull
   */
  async undo(origin: Origin, importId: string, placement: Placement): Promise<Undo> {
    const record = await this.records.get(origin.tenantId, importId);
    if (record.undo) return record.undo;
    this.refuseUnlessUndoable(record, placement);
    const chunks = chunksOf(record, origin);
    // As an import that is planned for later: it counts as accepted then.
    const first = (await orUnavailable(this.order.reserve(record.rows))) + placement.delayMs * 1000;
    await orUnavailable(this.undos.prepare(record, first));
    await this.queue.enqueue(record, chunks, placement);
    await orUnavailable(this.undos.begin(record, 'queued', chunks.length));
    const { undo } = await this.records.get(origin.tenantId, importId);
    if (!undo) throw new Error(`The undo of import ${importId} was not written down`);
    return undo;
  }

  private refuseUnlessUndoable(
    { status, dryRun, startedAt, chunkSizes }: ImportRecord,
    { delayMs }: Placement,
  ): void {
    if (dryRun) throw new ConflictException('The import was a dry run, and changed nothing.');
    if (!isOver(status))
      throw new ConflictException(`The import is not over: ${status}. Cancel it, or wait.`);
    if (startedAt === undefined) return;
    const { retentionMs } = this.environment.import;
    if (Date.now() + delayMs > startedAt + retentionMs || chunkSizes.length === 0)
      throw new ConflictException(
        `What the import changed is not known any more: it can be undone for ${retentionMs / 3_600_000} hours.`,
      );
  }
}

/** Of an import that never began, there is nothing to undo. */
const chunksOf = ({ importId, startedAt, chunkSizes }: ImportRecord, origin: Origin): UndoChunk[] =>
  startedAt === undefined ? [] : placesOf(chunkSizes).map((place) => ({ ...origin, importId, ...place }));
