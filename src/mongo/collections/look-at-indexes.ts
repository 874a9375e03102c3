import { isDeepStrictEqual } from 'node:util';
import { mongo } from 'mongoose';
import { SHARD_KEY_INDEX } from './shard-collection';
import type { WantedCollection, WantedIndex } from './wanted-collection';

const NAMESPACE_NOT_FOUND = 26;
/** More than a collection may have: all of them are in the first answer. */
const MAX_INDEXES = 1_000;

/** What a database has of a collection. */
export interface SeenCollection {
  name: string;
  exists: boolean;
  /** Not there, or still being built. */
  missing: WantedIndex[];
  /** There, with another key or other options. */
  different: WantedIndex[];
  /** Names of indexes that this version does not ask for. */
  unknown: string[];
}

/** In one short command: nothing is read or made. */
export async function lookAtIndexes(
  db: mongo.Db,
  { name, indexes }: WantedCollection,
): Promise<SeenCollection> {
  const found = await listIndexes(db, name);
  const ready = new Map((found ?? []).map((index) => [index.name, index]));
  const others = indexes.filter((index) => ready.has(index.name));
  const known = ['_id_', SHARD_KEY_INDEX, ...indexes.map((index) => index.name)];
  return {
    name,
    exists: found !== undefined,
    missing: indexes.filter((index) => !ready.has(index.name)),
    different: others.filter(
      (index) => !isDeepStrictEqual(rule(index), rule(ready.get(index.name) ?? index)),
    ),
    unknown: [...ready.keys()].filter((index) => !known.includes(index)),
  };
}

/** The ready ones; undefined where there is no such collection. */
async function listIndexes(db: mongo.Db, name: string): Promise<WantedIndex[] | undefined> {
  try {
    const { cursor } = await db.command({
      listIndexes: name,
      cursor: { batchSize: MAX_INDEXES },
      // Without it, one that is being built can not be told from one that is there.
      includeBuildUUIDs: true,
    });
    return (cursor as { firstBatch: object[] }).firstBatch.filter(
      (index) => 'name' in index,
    ) as WantedIndex[];
  } catch (error) {
    if (error instanceof mongo.MongoServerError && error.code === NAMESPACE_NOT_FOUND) return undefined;
    throw error;
  }
}

/** What makes an index the same, beside its name. The order of a key's fields counts. */
const rule = ({ key, unique, sparse, expireAfterSeconds, partialFilterExpression }: WantedIndex) => ({
  key: Object.entries(key),
  unique: unique === true,
  sparse: sparse === true,
  expireAfterSeconds,
  partialFilterExpression,
});
