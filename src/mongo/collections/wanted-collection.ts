import type { mongo, Schema } from 'mongoose';

/** An index that the rules or the reads of a collection rely on. */
export type WantedIndex = mongo.IndexDescription & { name: string };

/** A collection as this version works with it. */
export interface WantedCollection {
  name: string;
  indexes: readonly WantedIndex[];
}

/** @throws where the schema leaves a name to Mongoose: it is in databases, and must not follow a class */
export function wantedCollection(schema: Schema): WantedCollection {
  const name = schema.get('collection');
  if (name === undefined) throw new Error('A schema has no name for its collection');
  const indexes = schema.indexes().map(([key, options]) => {
    if (options.name === undefined) throw new Error(`An index of ${name} has no name`);
    return { ...options, name: options.name, key } as WantedIndex;
  });
  return { name, indexes };
}
