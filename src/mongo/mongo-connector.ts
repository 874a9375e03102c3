import { setTimeout } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { Environment } from '../config/environment';
import { LOGGER, type Logger } from '../logging/logger';

const RETRY_DELAY_MS = 1_000;
const OPEN = 1;

/**
 * Opens the process's MongoDB connection in the background, as often as it takes: the driver only makes a lost
 * connection again by itself, not a first one that failed.
 */
@Injectable()
export class MongoConnector implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  /** Resolves when the first connection is open; never when the process stops before. */
  readonly opened: Promise<void>;
  private resolveOpened: () => void;
  private readonly stopping = new AbortController();

  constructor(
    @InjectConnection() private readonly connection: Connection,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.opened = promise;
    this.resolveOpened = resolve;
  }

  onModuleInit(): void {
    this.open().catch((error: unknown) => {
      this.logger.fatal({ err: error }, 'MongoDB connection gave up');
    });
  }

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /** Last of all: jobs and requests that are being finished still need it. */
  async onApplicationShutdown(): Promise<void> {
    await this.connection.close();
  }

  /** Whether the server answers, within the time a reader would wait. */
  async answers(): Promise<boolean> {
    if (Number(this.connection.readyState) !== OPEN || !this.connection.db) return false;
    try {
      await this.connection.db.command({ ping: 1 }, { timeoutMS: this.environment.mongo.timeoutMs });
      return true;
    } catch (error) {
      this.logger.debug({ err: error }, 'MongoDB did not answer a ping');
      return false;
    }
  }

  private async open(): Promise<void> {
    const { signal } = this.stopping;
    const { uri, timeoutMs } = this.environment.mongo;
    while (!signal.aborted) {
      try {
        await this.connection.openUri(uri, {
          appName: 'insightcrm-customer-service',
          autoIndex: false,
          autoCreate: false,
          bufferCommands: false,
          serverSelectionTimeoutMS: timeoutMs,
        });
        this.resolveOpened();
        return;
      } catch (error) {
        this.logger.warn({ err: error }, 'MongoDB is not reachable, trying again');
        await setTimeout(RETRY_DELAY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }
}
