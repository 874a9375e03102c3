import { Injectable } from '@nestjs/common';
import { Environment } from '../../config/environment';
import { CountedBytes } from './counted-bytes';
import { targetOf, type ColumnMapping } from './csv/column-mapping';
import { assignColumns } from './csv/columns';
import type { CsvRefused } from './csv/csv-error';
import type { Encoding } from './csv/decoded-text';
import type { Delimiter } from './csv/delimiter';
import { proposeMapping } from './csv/proposed-mapping';
import { readCsv } from './csv/read-csv';
import { judgeRows, MAX_SHOWN_CELLS, type JudgedRow } from './csv/row-judge';
import { UploadTurns } from './upload-turns';

/** Rows that are shown. */
const ROWS = 20;

/** What an import of a file would come to, as far as its beginning tells. */
export interface FilePreview {
  delimiter: Delimiter;
  encoding: Encoding;
  columns: { header: string; target: string | null }[];
  rows: JudgedRow[];
  /** Why an upload with the targets of these columns would be refused. */
  problems: CsvRefused[];
}

/** Looks at the beginning of a CSV file: reads its header and some rows, and keeps nothing. */
@Injectable()
export class ImportPreview {
  constructor(
    private readonly turns: UploadTurns,
    private readonly environment: Environment,
  ) {}

  /**
   * @param mapping what the columns are to fill; for the others their names are guessed at
   * @throws CsvRefused when it is not text, empty, or has no header that can be read
   * @throws UploadRefused when it was cut off
   */
  async of(file: AsyncIterable<Buffer>, mapping: ColumnMapping): Promise<FilePreview> {
    const { maxBytes, maxRecordBytes } = this.environment.import;
    const csv = await readCsv(new CountedBytes(file, maxBytes, this.turns), {
      maxRecordBytes,
      rowsPerChunk: ROWS,
    });
    try {
      const { header, delimiter } = csv;
      const { columns, problems } = assignColumns(header, proposeMapping(header, mapping));
      const { value: first } = await csv.chunks.next();
      return {
        delimiter,
        encoding: csv.encoding,
        columns: columns.slice(0, MAX_SHOWN_CELLS).map((column, index) => ({
          header: header[index]?.trim() ?? '',
          target: targetOf(column),
        })),
        rows: first && columns.length > 0 ? judgeRows(first, { header, columns, delimiter }) : [],
        problems,
      };
    } finally {
      await csv.chunks.return();
    }
  }
}
