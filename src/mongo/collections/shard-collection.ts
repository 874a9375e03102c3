import { isDeepStrictEqual } from 'node:util';
import type { mongo } from 'mongoose';

/**
 * By range, so that unique indexes may begin with it: a tenant is on one shard, and every command for it goes there.
 * See docs/operations.md.
 */
const SHARD_KEY = { tenantId: 1 } as const;
/** Those of the customers are partial: none of them can carry the shard key. */
export const SHARD_KEY_INDEX = 'shard_key';

/** A shard key that somebody chose before. */
export class ShardedOtherwise extends Error {
  override readonly name = 'ShardedOtherwise';

  constructor(namespace: string) {
    super(`${namespace} is sharded already, and not by ${JSON.stringify(SHARD_KEY)}`);
  }
}

/** Whether we speak to a mongos, the router of a sharded cluster. */
export async function isRouter(db: mongo.Db): Promise<boolean> {
  return (await db.command({ hello: 1 }))['msg'] === 'isdbgrid';
}

/**
 * Spreads the tenants of a collection over the shards. May be repeated.
 * @returns false when it was so before
 * @throws ShardedOtherwise
 */
export async function shardCollection(
  client: mongo.MongoClient,
  db: mongo.Db,
  name: string,
): Promise<boolean> {
  const namespace = `${db.databaseName}.${name}`;
  const known = await client
    .db('config')
    .collection<{ _id: string; key: object }>('collections')
    .findOne({ _id: namespace });
  if (known && !isDeepStrictEqual({ ...known.key }, SHARD_KEY)) throw new ShardedOtherwise(namespace);
  if (known) return false;
  await db.collection(name).createIndexes([{ key: SHARD_KEY, name: SHARD_KEY_INDEX }]);
  const admin = client.db('admin');
  await admin.command({ enableSharding: db.databaseName });
  await admin.command({ shardCollection: namespace, key: SHARD_KEY });
  return true;
}
