import { Injectable } from '@nestjs/common';
import type { ImportRecord } from '../import/import-record';
import { ChangeLog } from '../import/undo/change-log';
import type { ChunkPlace } from '../import/undo/chunk-sizes';
import { UndoRecords } from '../import/undo/undo-records';
import { UndoReports } from '../import/undo/undo-reports';
import type { Undo, UndoCounts } from '../import/undo/undo-state';
import { UndoWriter } from '../import/undo/undo-writer';
import { UndoTurn } from './undo-turn';

/** Undoes one chunk of an import. */
@Injectable()
export class ChunkUndo {
  constructor(
    private readonly log: ChangeLog,
    private readonly writer: UndoWriter,
    private readonly reports: UndoReports,
    private readonly undos: UndoRecords,
    private readonly turn: UndoTurn,
  ) {}

  /** In its turn, and counted once. @throws WriteAhead */
  async inTurn(record: ImportRecord, undo: Undo, place: ChunkPlace): Promise<UndoCounts> {
    const { tenantId, importId } = record;
    const ref = { tenantId, importId, chunk: place.chunk };
    await this.turn.afterImports(record, undo, place.chunk);
    await this.undos.begin(record, 'processing', record.chunks);
    const changes = await this.log.read(ref);
    await this.turn.afterWrites(tenantId, undo, () => this.writer.touched(record, place, changes));
    const undone = await this.writer.undo(record, undo.order, place, changes);
    const counts = await this.reports.keep(ref, undone);
    await this.undos.settle(record, place.chunk, counts);
    return counts;
  }

  /** Once more, for what a late delivery of the import's own chunk wrote beside the undo. */
  async again(record: ImportRecord, undo: Undo, place: ChunkPlace): Promise<void> {
    const ref = { tenantId: record.tenantId, importId: record.importId, chunk: place.chunk };
    await this.writer.undo(record, undo.order, place, await this.log.read(ref));
  }
}
