import { mongo } from 'mongoose';
import { EMAIL_INDEX } from './customer.schema';

const DUPLICATE_KEY = 11_000;

const isDuplicateKeyCode = (code: unknown): boolean => code === DUPLICATE_KEY;

export const isDuplicateKey = (error: unknown): error is mongo.MongoServerError =>
  error instanceof mongo.MongoServerError && isDuplicateKeyCode(error.code);

/** The server names the violated index only in its message. */
export const isDuplicateEmail = (error: unknown): boolean =>
  isDuplicateKey(error) && error.message.includes(` ${EMAIL_INDEX} `);

/**
 * An upsert that finds its document by more than the id. The server refuses it when a twin inserts the document in between:
 * the second time it finds what the twin wrote.
 */
export async function upsert<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return write();
  }
}

/**
 * Inserts documents, unordered.
 * @returns places of those that were not inserted, since their id or another unique value of theirs is taken
 * @throws what MongoDB failed with, when that is anything else
 */
export async function insertNew<T extends mongo.Document>(
  collection: mongo.Collection<T>,
  documents: mongo.OptionalUnlessRequiredId<T>[],
): Promise<Set<number>> {
  try {
    await collection.insertMany(documents, { ordered: false });
    return new Set();
  } catch (error) {
    if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
    const failures = [error.writeErrors].flat();
    if (failures.length === 0 || !failures.every(({ code }) => isDuplicateKeyCode(code))) throw error;
    return new Set(failures.map(({ index }) => index));
  }
}
