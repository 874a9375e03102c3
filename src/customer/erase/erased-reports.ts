import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { mongo, type Model } from 'mongoose';
import { collectionOf } from '../customer.schema';
import type { ImportRecord } from '../import/import-record';
import { ImportRecords } from '../import/import-records';
import { ChunkReport } from '../import/report/chunk-report.schema';
import { UndoReport } from '../import/undo/undo-report.schema';
import { withoutCells, withoutIds } from './blank-rows';
import type { ErasedTraces } from './erased-traces';
import { rewriteEach, type Wish } from './rewrite-each';

/** Takes people who were erased out of what is told of the rows of imports, and of their undos. */
@Injectable()
export class ErasedReports {
  private readonly reports: mongo.Collection<ChunkReport>;
  private readonly undos: mongo.Collection<UndoReport>;

  constructor(
    @InjectModel(ChunkReport.name) reports: Model<ChunkReport>,
    @InjectModel(UndoReport.name) undos: Model<UndoReport>,
    private readonly records: ImportRecords,
  ) {
    this.reports = collectionOf(reports);
    this.undos = collectionOf(undos);
  }

  /** @param wish all of a tenant, or of one chunk */
  async clean(wish: Wish, erased: ErasedTraces): Promise<void> {
    const known = new Map<string, Promise<ImportRecord | undefined>>();
    await rewriteEach(this.reports, wish, async (report) => {
      const { tenantId, importId, resultLines, errorLines } = report;
      const found = known.get(importId) ?? this.records.findQueued(tenantId, importId);
      known.set(importId, found);
      const record = await found;
      // Nobody can ask for it any more.
      if (!record) return null;
      const results = changed(resultLines, (lines) => withoutIds(lines, erased));
      const errors =
        errorLines && changed(errorLines, (lines) => withoutCells(lines, record.delimiter, tenantId, erased));
      return { ...(results && { resultLines: results }), ...(errors && { errorLines: errors }) };
    });
    await rewriteEach(this.undos, wish, ({ conflictLines }) => {
      const conflicts = changed(conflictLines, (lines) => withoutIds(lines, erased));
      return Promise.resolve(conflicts ? { conflictLines: conflicts } : {});
    });
  }
}

/** @returns undefined when nothing is another */
function changed(packed: mongo.Binary, change: (lines: string) => string): mongo.Binary | undefined {
  const before = zstdDecompressSync(packed.buffer).toString();
  const after = change(before);
  return after === before ? undefined : new mongo.Binary(zstdCompressSync(after));
}
