import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { mongo, type Model } from 'mongoose';
import { Environment } from '../../../config/environment';
import { readLimits } from '../../../mongo/read-limits';
import { collectionOf } from '../../customer.schema';
import { upsert } from '../../duplicate-key';
import type { ChunkCounts } from '../../jobs/customer.jobs';
import { ownHeader } from '../csv/own-files';
import type { ImportRecord } from '../import-record';
import type { ChunkRef } from '../undo/change-log';
import type { RowOutcome } from '../written-row';
import { ChunkReport } from './chunk-report.schema';
import { chunkId, chunkLines, under } from './chunk-lines';
import { errorsHeader, RESULTS_HEADER } from './report-lines';

/** What became of a chunk's rows, as lines of CSV. */
export interface ReportedChunk {
  counts: ChunkCounts;
  results: string;
  /** '' for none. */
  errors: string;
}

/** The record of an import lives as long after its end; its first chunks were reported before. */
const LONGER_MS = 24 * 3_600_000;

type Part = 'resultLines' | 'errorLines';

/** What became of each row of an import. Downloads may be asked for while it runs: they have what is settled so far. */
@Injectable()
export class ImportReports {
  private readonly reports: mongo.Collection<ChunkReport>;

  constructor(
    @InjectModel(ChunkReport.name) model: Model<ChunkReport>,
    private readonly environment: Environment,
  ) {
    this.reports = collectionOf(model);
  }

  /**
   * Called before the chunk is counted. Of one that was written twice, the first report stays: later writes to the same
   * customers may make the second run see something else.
   * @returns the counts of what is kept
   */
  async keep(
    { tenantId, importId, chunk }: ChunkRef,
    { counts, results, errors }: ReportedChunk,
  ): Promise<ChunkCounts> {
    const report = {
      importId,
      chunk,
      counts,
      resultLines: compressed(results),
      ...(errors !== '' && { errorLines: compressed(errors) }),
      expiresAt: new Date(Date.now() + this.environment.import.retentionMs + LONGER_MS),
    };
    const kept = await upsert(() =>
      this.reports.findOneAndUpdate(
        { _id: chunkId(importId, chunk), tenantId },
        { $setOnInsert: report },
        { upsert: true, returnDocument: 'after', projection: { counts: 1 } },
      ),
    );
    return kept?.counts ?? counts;
  }

  /** By customer, the lines of the rows of a chunk that created them; a chunk that failed has no report. */
  async createdLines({ tenantId, importId, chunk }: ChunkRef): Promise<Map<string, number>> {
    const report = await this.reports.findOne({ _id: chunkId(importId, chunk), tenantId });
    const lines = report ? zstdDecompressSync(report.resultLines.buffer).toString().split('\r\n') : [];
    return new Map(
      lines
        .map((line) => line.split(','))
        .filter(([, outcome]) => outcome === ('created' satisfies RowOutcome))
        .map(([line, , customerId = '']) => [customerId, Number(line)]),
    );
  }

  /** `results.csv` */
  results(record: ImportRecord): AsyncGenerator<string> {
    return under(RESULTS_HEADER, this.lines(record, 'resultLines'));
  }

  /** `errors.csv`, in the form of the file that was uploaded. */
  errors(record: ImportRecord): AsyncGenerator<string> {
    return under(errorsHeader(ownHeader(record), record.delimiter), this.lines(record, 'errorLines'));
  }

  private lines(record: ImportRecord, part: Part): AsyncGenerator<string> {
    const { tenantId } = record;
    return chunkLines(record, async (ids) => {
      const found = await this.reports
        .find(
          { _id: { $in: ids }, tenantId },
          { ...readLimits(this.environment.mongo.timeoutMs), projection: { chunk: 1, [part]: 1 } },
        )
        .toArray();
      return found.map((report) => ({ chunk: report.chunk, lines: report[part] }));
    });
  }
}

const compressed = (lines: string): mongo.Binary =>
  new mongo.Binary(zstdCompressSync(lines, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }));
