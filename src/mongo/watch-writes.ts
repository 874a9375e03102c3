import type { Connection } from 'mongoose';
import { isMongoOutage } from './mongo-outage';

/** What writes, of a collection; without what reads in the same go. */
const WRITES = [
  ...(['bulkWrite', 'insertMany', 'insertOne', 'replaceOne'] as const),
  ...(['updateOne', 'updateMany', 'deleteOne', 'deleteMany'] as const),
];

type Write = (...args: unknown[]) => Promise<unknown>;
type Writes = Record<(typeof WRITES)[number], Write>;

export interface WriteWatcher {
  /**
   * A write came back.
   * @param kind what was written where, and about how much, such as `insertMany customers 10`, for 513 to 1,024 at once
   */
  wrote(kind: string, tookMs: number): void;
  /** Something that was sent had no answer. */
  lost(): void;
}

/**
 * Tells of each write to the collections of a connection, with the time from when it was asked for. Reads are left out: what
 * they take goes by what they look for.
 *
 * The driver would tell of its commands, too, but it makes objects of all answers then, also of those that are read
 * otherwise: a worker that looks for a thousand customers made each of them twice.
 * @param connection that is open, and whose models are there
 * @returns how long the oldest write under way has been, in ms
 */
export function watchWrites(connection: Connection, watcher: WriteWatcher): () => number {
  const underWay = new Set<{ sentAtMs: number }>();
  const timed = async (kind: string, write: () => Promise<unknown>): Promise<unknown> => {
    const sent = { sentAtMs: performance.now() };
    underWay.add(sent);
    try {
      const result = await write();
      watcher.wrote(kind, performance.now() - sent.sentAtMs);
      return result;
    } catch (error) {
      if (isMongoOutage(error)) watcher.lost();
      // A refusal, such as of an email that is taken, takes as long as any.
      else watcher.wrote(kind, performance.now() - sent.sentAtMs);
      throw error;
    } finally {
      underWay.delete(sent);
    }
  };
  for (const [name, collection] of Object.entries(connection.collections)) {
    const writes = collection as unknown as Writes;
    for (const method of WRITES) {
      const write = writes[method].bind(collection);
      writes[method] = (...args) => timed(`${method} ${name} ${sizeOf(args[0])}`, () => write(...args));
    }
  }
  // A connection broke, whatever was sent on it.
  connection.getClient().on('connectionPoolCleared', () => {
    watcher.lost();
  });
  // A set keeps the order in which it was filled.
  return () => performance.now() - (underWay.values().next().value?.sentAtMs ?? performance.now());
}

const sizeOf = (written: unknown): number =>
  Array.isArray(written) ? Math.ceil(Math.log2(Math.max(1, written.length))) : 0;
