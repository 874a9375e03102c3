import { InvalidRequest } from '../../http/invalid-request';

/** The last dead letter of a page: where the next one goes on. */
export interface DeadLetterPosition {
  /** ms since 1970 */
  failedAtMs: number;
  jobId: string;
}

export const encodeCursor = ({ failedAtMs, jobId }: DeadLetterPosition): string =>
  Buffer.from(`${failedAtMs}:${jobId}`).toString('base64url');

/** @throws InvalidRequest when it is not a cursor of ours */
export function decodeCursor(cursor: string): DeadLetterPosition {
  const [, failedAtMs, jobId] = /^(\d{1,16}):(.+)$/s.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (failedAtMs === undefined || jobId === undefined) {
    const message = 'expected a nextCursor of this list';
    throw new InvalidRequest([{ field: 'cursor', code: 'invalid_cursor', message }]);
  }
  return { failedAtMs: Number(failedAtMs), jobId };
}
