import { InvalidRequest } from '../http/invalid-request';

/** The last customer of a page: where the next one goes on. */
export interface ListPosition {
  sort: string;
  value: string;
  id: string;
}

export const encodeCursor = ({ sort, value, id }: ListPosition): string =>
  Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');

/** @throws InvalidRequest when it is not a cursor of a list with this order */
export function decodeCursor(cursor: string, sort: string): ListPosition {
  const parts = parse(Buffer.from(cursor, 'base64url').toString());
  if (
    !Array.isArray(parts) ||
    parts.length !== 3 ||
    !parts.every((part) => typeof part === 'string') ||
    parts[0] !== sort
  ) {
    const message = 'expected a nextCursor of a list with the same sort';
    throw new InvalidRequest([{ field: 'cursor', code: 'invalid_cursor', message }]);
  }
  const [, value, id] = parts as [string, string, string];
  return { sort, value, id };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
