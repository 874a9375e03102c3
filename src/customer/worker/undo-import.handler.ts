import { Injectable } from '@nestjs/common';
import { ImportRecords } from '../import/import-records';
import { ChangeLog } from '../import/undo/change-log';
import { UndoRecords } from '../import/undo/undo-records';
import type { UndoCounts } from '../import/undo/undo-state';
import type { UndoChunk } from '../jobs/customer.jobs';
import { ChunkUndo } from './chunk-undo';
import type { Handler } from './handler';
import { LogGone } from './log-gone';

const NOTHING: UndoCounts = { removed: 0, restored: 0, conflicts: 0 };

@Injectable()
export class UndoImportHandler implements Handler<'UNDO_IMPORT'> {
  constructor(
    private readonly records: ImportRecords,
    private readonly undos: UndoRecords,
    private readonly log: ChangeLog,
    private readonly chunks: ChunkUndo,
  ) {}

  async handle(payload: UndoChunk): Promise<UndoCounts> {
    const { tenantId, importId, chunk } = payload;
    const asked = await this.records.find(tenantId, importId);
    if (!asked) throw new LogGone();
    // For the API, where it died right after queueing the jobs.
    if (!asked.undo) await this.undos.begin(asked, 'queued', asked.chunks);
    const record = asked.undo ? asked : await this.records.find(tenantId, importId);
    if (!record?.undo) throw new LogGone();
    const { undo } = record;
    if (undo.status === 'completed' || (await this.undos.isSettled(importId, chunk))) return NOTHING;
    if (!this.log.isWhole(record.startedAt ?? 0)) throw new LogGone();
    return this.chunks.inTurn(record, undo, payload);
  }
}
