export const UNDO_STATUSES = ['queued', 'processing', 'completed', 'failed'] as const;
export type UndoStatus = (typeof UNDO_STATUSES)[number];

/** Rows of an import by what their undo came to. */
export interface UndoCounts {
  /** Their customers were theirs, and are deleted. */
  removed: number;
  /** Their changes are taken back. */
  restored: number;
  /** Their customers were changed by others since, and stay as they are. */
  conflicts: number;
}

/** The undo of an import, as its record has it. */
export interface Undo extends UndoCounts {
  status: UndoStatus;
  /** Its first place in the order of acceptance: it has one per row. */
  order: number;
  /** ms since 1970 */
  queuedAt: number;
  finishedAt?: number;
}

export const isUndone = ({ status }: Undo): boolean => status === 'completed' || status === 'failed';

/** From the fields of the import's hash. */
export function undoFromHash(hash: Record<string, string>): Undo | undefined {
  if (hash.undoStatus === undefined) return undefined;
  return {
    status: hash.undoStatus as UndoStatus,
    order: Number(hash.undoOrder),
    removed: Number(hash.undoRemoved),
    restored: Number(hash.undoRestored),
    conflicts: Number(hash.undoConflicts),
    queuedAt: Number(hash.undoQueuedAt),
    ...(hash.undoFinishedAt !== undefined && { finishedAt: Number(hash.undoFinishedAt) }),
  };
}
