import type { Columns } from './csv/columns';
import type { ChunkSizes } from './undo/chunk-sizes';
import { undoFromHash } from './undo/undo-state';
import type { Encoding } from './csv/decoded-text';
import type { Delimiter } from './csv/delimiter';
import type { DuplicateRule, ImportRecord, ImportStatus, NewImport } from './import-record';

/** An import as the fields of a Redis hash; `left` is the number of chunks that are not settled. */
export function toHash({
  importId: _id,
  delayMs: _delay,
  columns,
  header,
  dryRun,
  chunkSizes,
  chunks,
  ...fields
}: NewImport): Record<string, string | number> {
  return {
    ...fields,
    columns: JSON.stringify(columns),
    header: JSON.stringify(header),
    ...(dryRun && { dryRun: 1 }),
    chunkSizes: JSON.stringify(chunkSizes),
    chunks,
    left: chunks,
    status: 'queued' satisfies ImportStatus,
    processed: 0,
    created: 0,
    updated: 0,
    unchanged: 0,
    skipped: 0,
    rejected: 0,
  };
}

/** The inverse of {@link toHash}, with what the worker added. */
export function fromHash(importId: string, hash: Record<string, string>): ImportRecord {
  const text = (field: string): string => {
    const value = hash[field];
    if (value === undefined) throw new Error(`Import ${importId} has no ${field}`);
    return value;
  };
  const undo = undoFromHash(hash);
  const count = (field: string): number => Number(text(field));
  return {
    importId,
    tenantId: text('tenantId'),
    userId: text('userId'),
    requestId: text('requestId'),
    acceptedAt: count('acceptedAt'),
    rows: count('rows'),
    bytes: count('bytes'),
    chunks: count('chunks'),
    columns: JSON.parse(text('columns')) as Columns,
    // One that was taken in by an earlier version does not tell.
    chunkSizes: JSON.parse(hash.chunkSizes ?? '[]') as ChunkSizes,
    header: JSON.parse(hash.header ?? '[]') as string[],
    delimiter: (hash.delimiter ?? ',') as Delimiter,
    encoding: (hash.encoding ?? 'utf-8') as Encoding,
    order: count('order'),
    onDuplicate: text('onDuplicate') as DuplicateRule,
    dryRun: hash.dryRun !== undefined,
    status: text('status') as ImportStatus,
    counts: {
      rows: count('rows'),
      processed: count('processed'),
      created: count('created'),
      updated: count('updated'),
      unchanged: count('unchanged'),
      skipped: count('skipped'),
      rejected: count('rejected'),
    },
    confirmed: hash.unconfirmed === undefined,
    announced: hash.announced !== undefined,
    ...(hash.startedAt !== undefined && { startedAt: Number(hash.startedAt) }),
    ...(hash.finishedAt !== undefined && { finishedAt: Number(hash.finishedAt) }),
    ...(hash.cancelRequestedAt !== undefined && { cancelRequestedAt: Number(hash.cancelRequestedAt) }),
    ...(undo && { undo }),
    ...(hash.error !== undefined && { error: hash.error }),
  };
}
