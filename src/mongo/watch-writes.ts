import type { mongo } from 'mongoose';
import { isMongoOutage } from './mongo-outage';

/** Where a command has what it writes. */
const STATEMENTS: Record<string, string> = { insert: 'documents', update: 'updates', delete: 'deletes' };

export interface WriteWatcher {
  /**
   * A write came back, well or not.
   * @param kind what was written where, and about how much, such as `insert customers 10`, for 513 to 1,024 at once
   */
  wrote(kind: string, tookMs: number): void;
  /** A command had no answer. */
  lost(): void;
}

/**
 * Tells of each write to the database, with the time from when it was sent. Reads are left out: what they take goes by what
 * they look for, which a command does not tell.
 * @param client opened with `monitorCommands`
 * @returns how long the oldest write under way has been, in ms
 */
export function watchWrites(client: mongo.MongoClient, watcher: WriteWatcher): () => number {
  const underWay = new Map<number, { kind: string; sentAtMs: number }>();
  const take = (requestId: number): string | undefined => {
    const sent = underWay.get(requestId);
    underWay.delete(requestId);
    return sent?.kind;
  };
  client.on('commandStarted', ({ requestId, commandName, command }) => {
    const statements = STATEMENTS[commandName];
    if (statements === undefined) return;
    const { [commandName]: collection, [statements]: written } = command as Record<string, unknown>;
    const size = Array.isArray(written) ? Math.ceil(Math.log2(Math.max(1, written.length))) : 0;
    const kind = `${commandName} ${String(collection)} ${size}`;
    underWay.set(requestId, { kind, sentAtMs: performance.now() });
  });
  client.on('commandSucceeded', ({ requestId, duration }) => {
    const kind = take(requestId);
    if (kind !== undefined) watcher.wrote(kind, duration);
  });
  client.on('commandFailed', ({ requestId, failure }) => {
    take(requestId);
    if (isMongoOutage(failure)) watcher.lost();
  });
  // A map keeps the order in which it was filled.
  return () => performance.now() - (underWay.values().next().value?.sentAtMs ?? performance.now());
}
