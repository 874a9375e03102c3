import { ApiProperty } from '@nestjs/swagger';
import { ENCODINGS, type Encoding } from '../import/csv/decoded-text';
import { DELIMITERS, type Delimiter } from '../import/csv/delimiter';
import {
  IMPORT_STATUSES,
  type ImportRecord,
  type ImportStatus,
  type RejectedRow,
} from '../import/import-record';
import { iso } from './iso';

export class ImportCountsView {
  @ApiProperty({ type: 'integer', description: 'Data rows of the file.' }) rows: number;
  @ApiProperty({ type: 'integer', description: 'Sum of the counts below.' }) processed: number;
  @ApiProperty({ type: 'integer' }) created: number;
  @ApiProperty({ type: 'integer' }) updated: number;
  @ApiProperty({ type: 'integer', description: 'Would change nothing, so was not written.' })
  unchanged: number;
  @ApiProperty({ type: 'integer', description: 'Existed already, with `onDuplicate=skip`.' }) skipped: number;
  @ApiProperty({ type: 'integer' }) rejected: number;
}

export class RejectedRowView {
  @ApiProperty({ type: 'integer', description: 'Physical line of the file; the header is line 1.' })
  line: number;
  @ApiProperty({ required: false }) field?: string;
  @ApiProperty({ example: 'invalid_email' }) code: string;
  @ApiProperty() message: string;
}

export class ImportView {
  @ApiProperty({ format: 'uuid' }) importId: string;
  @ApiProperty({ format: 'uuid' }) jobId: string;
  @ApiProperty({ enum: IMPORT_STATUSES }) status: ImportStatus;
  @ApiProperty() counts: ImportCountsView;
  @ApiProperty({ type: 'integer', description: 'Size of the CSV, uncompressed.' }) bytes: number;
  @ApiProperty({ enum: ENCODINGS, description: 'Of the CSV as it was uploaded.' }) encoding: Encoding;
  @ApiProperty({ enum: DELIMITERS, description: 'Stands between the cells of a row.' }) delimiter: Delimiter;
  @ApiProperty({ type: String, format: 'date-time' }) queuedAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) startedAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) finishedAt: string | null;
  @ApiProperty({ type: Number, nullable: true, description: 'Rows per second since the start.' }) rate:
    number | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) estimatedEndAt: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Why it failed.' }) error: string | null;
}

export class ImportDetailsView extends ImportView {
  @ApiProperty({ type: [RejectedRowView], description: 'Up to 100 of the rejected rows, by line.' })
  problems: RejectedRow[];
}

export class ImportPageView {
  @ApiProperty({ type: [ImportView] }) items: ImportView[];
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Pass it as `cursor` for the next page; null on the last.',
  })
  nextCursor: string | null;
}

export class UploadAcceptedView {
  @ApiProperty({ format: 'uuid' }) importId: string;
  @ApiProperty({ format: 'uuid' }) jobId: string;
  @ApiProperty({ enum: ['queued'] }) status: 'queued';
  @ApiProperty({ type: 'integer', description: 'Data rows of the file.' }) rows: number;
  @ApiProperty({ type: 'integer', description: 'Size of the CSV, uncompressed.' }) bytes: number;
}

export function toImportView(record: ImportRecord, nowMs: number): ImportView {
  const { importId, status, counts, bytes, encoding, delimiter } = record;
  const { acceptedAt, startedAt, finishedAt, error } = record;
  const elapsedMs = startedAt === undefined ? 0 : (finishedAt ?? nowMs) - startedAt;
  const rate = elapsedMs > 0 ? counts.processed / (elapsedMs / 1000) : undefined;
  const leftMs =
    rate && finishedAt === undefined ? ((counts.rows - counts.processed) / rate) * 1000 : undefined;
  return {
    importId,
    jobId: importId,
    status,
    counts,
    bytes,
    encoding,
    delimiter,
    queuedAt: new Date(acceptedAt).toISOString(),
    startedAt: iso(startedAt),
    finishedAt: iso(finishedAt),
    rate: rate === undefined ? null : Math.round(rate),
    estimatedEndAt: leftMs === undefined ? null : iso(nowMs + leftMs),
    error: error ?? null,
  };
}
