import { setTimeout } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { LOGGER, type Logger } from '../../logging/logger';
import { MongoConnector } from '../../mongo/mongo-connector';

const RETRY_DELAY_MS = 1_000;

/** The indexes that the rules of the data rely on: no write happens before they are there. */
@Injectable()
export class CustomerIndexes {
  constructor(
    private readonly mongo: MongoConnector,
    @InjectConnection() private readonly connection: Connection,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Resolves when MongoDB is connected and has them, however often the connection is cut meanwhile. */
  async ensure(stopping: AbortSignal): Promise<void> {
    await this.mongo.opened;
    while (!stopping.aborted) {
      try {
        await this.create();
        return;
      } catch (error) {
        this.logger.warn(
          { error: error instanceof Error ? error.name : 'unknown' },
          'Indexes could not be made, trying again',
        );
        await setTimeout(RETRY_DELAY_MS, undefined, { signal: stopping, ref: false }).catch(() => undefined);
      }
    }
  }

  /** Collections too, so that they are there for whoever looks. */
  private async create(): Promise<void> {
    const models = Object.values(this.connection.models);
    await Promise.all(models.map((model) => model.createCollection()));
    await Promise.all(models.map((model) => model.createIndexes()));
  }
}
