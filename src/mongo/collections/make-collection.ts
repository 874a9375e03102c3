import { mongo } from 'mongoose';
import { type SeenCollection, lookAtIndexes } from './look-at-indexes';
import type { WantedCollection } from './wanted-collection';

const NAMESPACE_EXISTS = 48;

/** What was made, and what was found. */
export interface MadeCollection extends SeenCollection {
  /** Whether it was not there before. */
  created: boolean;
  /** Names of the indexes that were not there before. */
  made: string[];
}

/**
 * Makes what is missing of a collection, and leaves alone what is there. May run beside itself: the server builds an
 * index once, and whoever asks for it waits for the same build.
 * @throws what MongoDB failed with, such as 11000 where documents break the rule of a unique index
 */
export async function makeCollection(db: mongo.Db, wanted: WantedCollection): Promise<MadeCollection> {
  const seen = await lookAtIndexes(db, wanted);
  if (!seen.exists) await create(db, wanted.name);
  if (seen.missing.length > 0) await db.collection(wanted.name).createIndexes(seen.missing);
  return { ...seen, created: !seen.exists, made: seen.missing.map(({ name }) => name) };
}

async function create(db: mongo.Db, name: string): Promise<void> {
  try {
    await db.createCollection(name);
  } catch (error) {
    // Another one was quicker.
    if (!(error instanceof mongo.MongoServerError && error.code === NAMESPACE_EXISTS)) throw error;
  }
}
