import { setTimeout } from 'node:timers/promises';
import { mongo } from 'mongoose';
import type { MigrationEnvironment } from '../config/migration-environment';
import type { Logger } from '../logging/logger';
import { makeCollection } from '../mongo/collections/make-collection';
import { isRouter, shardCollection } from '../mongo/collections/shard-collection';
import type { WantedCollection } from '../mongo/collections/wanted-collection';
import { connectionOptions } from '../mongo/connection-options';
import { isMongoOutage } from '../mongo/mongo-outage';

const RETRY_DELAY_MS = 1_000;
const DUPLICATE_KEY = 11_000;

/** The database can not be made as it must be before a person has done something; a line for each reason. */
export class MigrationFailed extends Error {
  override readonly name = 'MigrationFailed';

  constructor(readonly problems: string[]) {
    super(problems.join('\n'));
  }
}

export interface MigrationOptions {
  /** Spreads the collections over the shards, too. */
  shard: boolean;
}

/**
 * Makes the database what this version needs, and drops nothing: an older version may still run. May be run again, and
 * beside itself. An index of a large collection may take its time; waiting for MongoDB itself may not.
 * @throws MigrationFailed, or what MongoDB failed with
 */
export async function migrate(
  { mongo: { uri, timeoutMs }, waitMs }: MigrationEnvironment,
  collections: readonly WantedCollection[],
  { shard }: MigrationOptions,
  logger: Logger,
): Promise<void> {
  await whileAway({ waitMs, timeoutMs }, logger, async () => {
    // Of its own: one that found no server at first is no good any more.
    const client = new mongo.MongoClient(uri, connectionOptions(timeoutMs));
    try {
      await client.connect();
      await pass(client, collections, { shard }, logger);
    } finally {
      await client.close();
    }
  });
}

/** Tries again what an outage cut off. The time counts anew whenever MongoDB was there. */
async function whileAway(
  { waitMs, timeoutMs }: { waitMs: number; timeoutMs: number },
  logger: Logger,
  run: () => Promise<void>,
): Promise<void> {
  let awaySince = performance.now();
  for (;;) {
    const startedAt = performance.now();
    try {
      await run();
      return;
    } catch (error) {
      if (!isMongoOutage(error)) throw error;
      const now = performance.now();
      // Unless it was a search for a server alone, MongoDB was there in between.
      const isSearch = error instanceof mongo.MongoServerSelectionError && now - startedAt < 2 * timeoutMs;
      if (!isSearch) awaySince = now;
      logger.debug({ err: error }, 'MongoDB is away');
      if (now - awaySince > waitMs)
        throw new MigrationFailed([`MONGODB_URI: MongoDB is not reachable within ${waitMs} ms`]);
      logger.warn('MongoDB is not reachable, trying again');
      await setTimeout(RETRY_DELAY_MS);
    }
  }
}

async function pass(
  client: mongo.MongoClient,
  collections: readonly WantedCollection[],
  { shard }: MigrationOptions,
  logger: Logger,
): Promise<void> {
  const db = client.db();
  if (shard && !(await isRouter(db)))
    throw new MigrationFailed([
      '--shard: MONGODB_URI does not lead to a mongos, the router of a sharded cluster',
    ]);
  const problems: string[] = [];
  // One after the other: each build takes as much of the server as it may.
  for (const wanted of collections) {
    problems.push(...(await makeOne(db, wanted, logger)));
    if (shard && (await shardCollection(client, db, wanted.name)))
      logger.info({ collection: wanted.name }, 'sharded by tenant');
  }
  if (problems.length > 0) throw new MigrationFailed(problems);
}

/** @returns what a person must see to */
async function makeOne(db: mongo.Db, wanted: WantedCollection, logger: Logger): Promise<string[]> {
  const collection = wanted.name;
  try {
    const { created, made, different, unknown } = await makeCollection(db, wanted);
    logger.info(
      { collection, created, indexes: made },
      created || made.length > 0 ? 'made' : 'nothing to do',
    );
    for (const index of unknown)
      logger.warn(
        { collection, index },
        'An index that this version does not use: drop it once no older version runs',
      );
    return different.map(
      ({ name }) =>
        `${collection}.${name} is another index than this version needs: drop it, and run the migration again`,
    );
  } catch (error) {
    if (!(error instanceof mongo.MongoServerError) || isMongoOutage(error)) throw error;
    // Its message quotes the values.
    logger.debug({ err: error, collection }, 'Indexes could not be made');
    return [
      error.code === DUPLICATE_KEY
        ? `${collection}: documents break the rule of a unique index; LOG_LEVEL=debug tells which`
        : `${collection}: indexes could not be made: ${error.codeName ?? error.name} (${error.code})`,
    ];
  }
}
