import { ApiProperty } from '@nestjs/swagger';
import { ENCODINGS, type Encoding } from '../import/csv/decoded-text';
import { DELIMITERS, type Delimiter } from '../import/csv/delimiter';
import {
  IMPORT_STATUSES,
  type ImportRecord,
  type ImportStatus,
  type RejectedRow,
} from '../import/import-record';
import { UNDO_STATUSES, type Undo, type UndoStatus } from '../import/undo/undo-state';
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

export class UndoView {
  @ApiProperty({ enum: UNDO_STATUSES }) status: UndoStatus;
  @ApiProperty({ type: 'integer', description: 'Rows whose customers were created, and are deleted again.' })
  removed: number;
  @ApiProperty({ type: 'integer', description: 'Rows whose changes are taken back.' }) restored: number;
  @ApiProperty({
    type: 'integer',
    description: 'Rows whose customers were changed since, and stay as they are: `GET …/conflicts.csv`.',
  })
  conflicts: number;
  @ApiProperty({ type: String, format: 'date-time' }) queuedAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) finishedAt: string | null;
}

export class ImportView {
  @ApiProperty({ format: 'uuid' }) importId: string;
  @ApiProperty({ format: 'uuid' }) jobId: string;
  @ApiProperty({ enum: IMPORT_STATUSES }) status: ImportStatus;
  @ApiProperty({ description: 'Nothing is written: what the rows would come to.' }) dryRun: boolean;
  @ApiProperty() counts: ImportCountsView;
  @ApiProperty({ type: 'integer', description: 'Size of the CSV, uncompressed.' }) bytes: number;
  @ApiProperty({ enum: ENCODINGS, description: 'Of the CSV as it was uploaded.' }) encoding: Encoding;
  @ApiProperty({ enum: DELIMITERS, description: 'Stands between the cells of a row.' }) delimiter: Delimiter;
  @ApiProperty({ type: String, format: 'date-time' }) queuedAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) startedAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) finishedAt: string | null;
  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Rows per second from the start until now, or the end.',
  })
  rate: number | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) estimatedEndAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  cancelRequestedAt: string | null;
  @ApiProperty({ type: UndoView, nullable: true }) undo: UndoView | null;
  @ApiProperty({ type: String, nullable: true, description: 'Why it failed.' }) error: string | null;
}

export class ImportDetailsView extends ImportView {
  @ApiProperty({ type: [RejectedRowView], description: 'Up to 100 of the rejected rows, by line.' })
  problems: RejectedRow[];
}

export class ImportAcceptedView {
  @ApiProperty({ format: 'uuid' }) importId: string;
  @ApiProperty({ enum: IMPORT_STATUSES, description: 'At this moment.' }) status: ImportStatus;
}

export class UndoAcceptedView {
  @ApiProperty({ format: 'uuid' }) importId: string;
  @ApiProperty() undo: UndoView;
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

export const toUndoView = ({
  status,
  removed,
  restored,
  conflicts,
  queuedAt,
  finishedAt,
}: Undo): UndoView => ({
  status,
  removed,
  restored,
  conflicts,
  queuedAt: new Date(queuedAt).toISOString(),
  finishedAt: iso(finishedAt),
});

export function toImportView(record: ImportRecord, nowMs: number): ImportView {
  const { importId, status, dryRun, counts, bytes, encoding, delimiter } = record;
  const { acceptedAt, startedAt, finishedAt, error } = record;
  const elapsedMs = startedAt === undefined ? 0 : (finishedAt ?? nowMs) - startedAt;
  const rate = elapsedMs > 0 ? counts.processed / (elapsedMs / 1000) : undefined;
  const leftMs =
    rate && finishedAt === undefined ? ((counts.rows - counts.processed) / rate) * 1000 : undefined;
  return {
    importId,
    jobId: importId,
    status,
    dryRun,
    counts,
    bytes,
    encoding,
    delimiter,
    queuedAt: new Date(acceptedAt).toISOString(),
    startedAt: iso(startedAt),
    finishedAt: iso(finishedAt),
    rate: rate === undefined ? null : Math.round(rate),
    estimatedEndAt: leftMs === undefined ? null : iso(nowMs + leftMs),
    cancelRequestedAt: iso(record.cancelRequestedAt),
    undo: record.undo ? toUndoView(record.undo) : null,
    error: error ?? null,
  };
}
