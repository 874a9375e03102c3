import type { mongo } from 'mongoose';

/** Documents that are read at once: what they hold is compressed, and may be large. */
const PAGE = 8;

/** Of which documents: all of a tenant, or those of one chunk of an import. */
export interface Wish {
  tenantId: string;
  importId?: string;
  chunk?: number;
}

/** Others rewrite the same document at the same time, each time: it is tried again later. */
export class TooManyRewrites extends Error {
  override readonly name = 'TooManyRewrites';
}

const MAX_COLLISIONS = 20;

/**
 * Rewrites documents of a tenant, page by page, each only if nobody rewrote it since it was read.
 * @param rewrite what is to be set, nothing for none; null removes the document
 */
export async function rewriteEach<T extends { _id: string }>(
  collection: mongo.Collection<T>,
  wish: Wish,
  rewrite: (document: mongo.WithId<T>) => Promise<Partial<T> | null>,
): Promise<void> {
  for (let after = ''; ;) {
    const page = await collection
      .find({ ...wish, _id: { $gt: after } } as mongo.Filter<T>)
      .sort({ _id: 1 })
      .limit(PAGE)
      .toArray();
    for (const document of page) await rewriteOne(collection, document, rewrite);
    if (page.length < PAGE) return;
    after = page.at(-1)?._id ?? '';
  }
}

async function rewriteOne<T extends { _id: string }>(
  collection: mongo.Collection<T>,
  first: mongo.WithId<T>,
  rewrite: (document: mongo.WithId<T>) => Promise<Partial<T> | null>,
): Promise<void> {
  const byId = { _id: first._id } as mongo.Filter<T>;
  let document: mongo.WithId<T> | null = first;
  for (let collisions = 0; document && collisions < MAX_COLLISIONS; collisions++) {
    const next = await rewrite(document);
    if (next === null) {
      await collection.deleteOne(byId);
      return;
    }
    const fields = Object.keys(next);
    if (fields.length === 0) return;
    const before = Object.entries(document).filter(([field]) => fields.includes(field));
    const unchanged = { ...byId, ...Object.fromEntries(before) } as mongo.Filter<T>;
    const { matchedCount } = await collection.updateOne(unchanged, { $set: next });
    if (matchedCount === 1) return;
    document = await collection.findOne(byId);
  }
  if (document) throw new TooManyRewrites(`Document ${first._id} is rewritten by too many at once`);
}
