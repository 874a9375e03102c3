import { zstdCompressSync } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { mongo, type Model } from 'mongoose';
import { Environment } from '../../../config/environment';
import { readLimits } from '../../../mongo/read-limits';
import { collectionOf } from '../../customer.schema';
import { upsert } from '../../duplicate-key';
import type { ImportRecord } from '../import-record';
import { chunkId, chunkLines, under } from '../report/chunk-lines';
import { ImportReports } from '../report/import-reports';
import type { ChunkRef } from './change-log';
import { UndoReport } from './undo-report.schema';
import type { UndoCounts } from './undo-state';

/** A row whose customer was changed since. */
export interface Conflict {
  /** Of the file; null where it is not known. */
  line: number | null;
  customerId: string;
}

export interface UndoneChunk extends UndoCounts {
  rows: Conflict[];
}

const HEADER = 'line,customerId\r\n';

/** Which rows could not be undone. */
@Injectable()
export class UndoReports {
  private readonly reports: mongo.Collection<UndoReport>;

  constructor(
    @InjectModel(UndoReport.name) model: Model<UndoReport>,
    private readonly environment: Environment,
    private readonly imported: ImportReports,
  ) {
    this.reports = collectionOf(model);
  }

  /** Of a chunk that is undone twice, the first report stays. @returns the counts of what is kept */
  async keep(ref: ChunkRef, { rows, ...counts }: UndoneChunk): Promise<UndoCounts> {
    const { tenantId, importId, chunk } = ref;
    const lines = (await this.withLines(ref, rows))
      .map(({ line, customerId }) => `${line ?? ''},${customerId}\r\n`)
      .join('');
    const report = {
      importId,
      chunk,
      ...counts,
      conflictLines: new mongo.Binary(zstdCompressSync(lines)),
      expiresAt: new Date(Date.now() + this.environment.import.retentionMs),
    };
    const kept = await upsert(() =>
      this.reports.findOneAndUpdate(
        { _id: chunkId(importId, chunk), tenantId },
        { $setOnInsert: report },
        { upsert: true, returnDocument: 'after' },
      ),
    );
    if (!kept) return counts;
    const { removed, restored, conflicts } = kept;
    return { removed, restored, conflicts };
  }

  /** In the order of the file. A row that created its customer is not in the log of changes. */
  private async withLines(ref: ChunkRef, rows: Conflict[]): Promise<Conflict[]> {
    const isComplete = rows.every(({ line }) => line !== null);
    const created = isComplete ? new Map<string, number>() : await this.imported.createdLines(ref);
    return rows
      .map(({ line, customerId }) => ({ line: line ?? created.get(customerId) ?? null, customerId }))
      .sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity));
  }

  /** As CSV, in the order of the file; while the undo goes on, as far as it is. */
  csv(record: ImportRecord): AsyncGenerator<string> {
    const { tenantId } = record;
    const lines = chunkLines(record, async (ids) => {
      const found = await this.reports
        .find({ _id: { $in: ids }, tenantId }, readLimits(this.environment.mongo.timeoutMs))
        .toArray();
      return found.map(({ chunk, conflictLines }) => ({ chunk, lines: conflictLines }));
    });
    return under(HEADER, lines);
  }
}
