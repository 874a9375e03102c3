import { setTimeout } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection, mongo } from 'mongoose';
import { LOGGER, type Logger } from '../../logging/logger';
import { lookAtIndexes } from '../../mongo/collections/look-at-indexes';
import { makeCollection } from '../../mongo/collections/make-collection';
import type { WantedCollection } from '../../mongo/collections/wanted-collection';
import { MongoConnector } from '../../mongo/mongo-connector';
import { Readiness } from '../../monitoring/readiness';
import { CUSTOMER_COLLECTIONS } from '../customer-models';

const RETRY_DELAY_MS = 1_000;
/** Between two looks whether the migration was run. */
const LOOK_DELAY_MS = 2_000;

/**
 * The indexes that the rules of the data and its upkeep rely on: no write happens, and no planned work begins, before they
 * are there. A worker looks for them, and makes those of collections without a document; what may take long, and loads the
 * database, is for the migration.
 */
@Injectable()
export class CustomerIndexes {
  private readonly found = Promise.withResolvers<undefined>();
  private told = '';

  constructor(
    private readonly mongo: MongoConnector,
    @InjectConnection() private readonly connection: Connection,
    private readonly readiness: Readiness,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Resolves when {@link ensure} has found or made them; never when the process stops before. */
  get there(): Promise<undefined> {
    return this.found.promise;
  }

  /** Resolves when MongoDB is connected and has them, however often the connection is cut meanwhile. */
  async ensure(stopping: AbortSignal): Promise<void> {
    await this.mongo.opened;
    while (!stopping.aborted) {
      const lacking = await this.lacking();
      if (lacking?.length === 0) {
        this.readiness.explain(undefined);
        this.found.resolve(undefined);
        return;
      }
      if (lacking) this.tell(lacking);
      const delayMs = lacking ? LOOK_DELAY_MS : RETRY_DELAY_MS;
      await setTimeout(delayMs, undefined, { signal: stopping, ref: false }).catch(() => undefined);
    }
  }

  /** Names of the indexes that only the migration may make; undefined while MongoDB does not tell. */
  private async lacking(): Promise<string[] | undefined> {
    try {
      const db = this.connection.getClient().db(this.connection.name);
      return (await Promise.all(CUSTOMER_COLLECTIONS.map((wanted) => this.settle(db, wanted)))).flat();
    } catch (error) {
      this.logger.warn(
        { error: error instanceof Error ? error.name : 'unknown' },
        'Indexes could not be looked at, trying again',
      );
      this.logger.debug({ err: error }, 'Indexes could not be looked at');
      return undefined;
    }
  }

  private async settle(db: mongo.Db, wanted: WantedCollection): Promise<string[]> {
    const { exists, missing, different } = await lookAtIndexes(db, wanted);
    if (exists && missing.length === 0 && different.length === 0) return [];
    const isEmpty =
      !exists || (await db.collection(wanted.name).findOne({}, { projection: { _id: 1 } })) === null;
    if (isEmpty && different.length === 0) {
      await makeCollection(db, wanted);
      return [];
    }
    return [...missing, ...different].map((index) => `${wanted.name}.${index.name}`);
  }

  private tell(missing: string[]): void {
    const names = missing.join(', ');
    this.readiness.explain(`MongoDB lacks indexes: run npm run migrate. Missing: ${names}`);
    if (names === this.told) return;
    this.told = names;
    this.logger.error(
      { missing },
      'MongoDB lacks indexes, no job of customers or maintenance is taken: run npm run migrate',
    );
  }
}
