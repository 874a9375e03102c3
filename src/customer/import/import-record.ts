import type { ChunkCounts, Origin } from '../jobs/customer.jobs';
import type { CsvLayout } from './csv/csv-layout';
import type { Encoding } from './csv/decoded-text';
import type { RowProblem } from './csv/row-check';
import type { ChunkSizes } from './undo/chunk-sizes';
import type { Undo } from './undo/undo-state';

export const DUPLICATE_RULES = ['update', 'skip', 'fail'] as const;
/** What happens to a row whose email a customer already has. */
export type DuplicateRule = (typeof DUPLICATE_RULES)[number];

export const IMPORT_STATUSES = [
  'queued',
  'processing',
  'completed',
  'completed_with_errors',
  'failed',
  'cancelled',
] as const;
export type ImportStatus = (typeof IMPORT_STATUSES)[number];

/** `processed` is at every moment the sum of those after it. */
export interface ImportCounts extends ChunkCounts {
  rows: number;
  processed: number;
}

/** Why a row was rejected, and on which line of the file it begins. */
export interface RejectedRow extends RowProblem {
  line: number;
}

/** Problems kept with an import; the rest is only counted. */
export const MAX_PROBLEMS = 100;

/** What the API writes down when a file has arrived. */
export interface NewImport extends Origin, CsvLayout {
  importId: string;
  rows: number;
  bytes: number;
  chunks: number;
  /** How the rows are cut into chunks. */
  chunkSizes: ChunkSizes;
  /** That of the file as it came; its chunks are UTF-8. */
  encoding: Encoding;
  onDuplicate: DuplicateRule;
  /** Everything is done but the writes to customers. */
  dryRun: boolean;
  delayMs: number;
}

/** Whose import, and which. */
export type ImportRef = Pick<ImportRecord, 'tenantId' | 'importId'>;

export interface ImportRecord extends Omit<NewImport, 'delayMs'> {
  /** Place of the first row in the order of acceptance; each row has the next one. */
  order: number;
  status: ImportStatus;
  counts: ImportCounts;
  /** Its jobs are certainly queued. */
  confirmed: boolean;
  /** Subscribers were told that it is queued. */
  announced: boolean;
  /** ms since 1970 */
  startedAt?: number;
  finishedAt?: number;
  /** When somebody asked for it to be cancelled, ms since 1970: from then on no chunk of it is begun. */
  cancelRequestedAt?: number;
  undo?: Undo;
  /** Why it failed. */
  error?: string;
}
