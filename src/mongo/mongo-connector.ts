import { setTimeout } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Connection, ConnectionStates } from 'mongoose';
import { Environment } from '../config/environment';
import { LOGGER, type Logger } from '../logging/logger';
import { inTime } from '../monitoring/in-time';

const RETRY_DELAY_MS = 1_000;
const LOOK_DELAY_MS = 500;

/**
 * Opens the process's MongoDB connection in the background, as often as it takes: the driver only makes a lost
 * connection again by itself, not a first one that failed.
 */
@Injectable()
export class MongoConnector implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  private readonly firstConnection = Promise.withResolvers<undefined>();
  private readonly stopping = new AbortController();

  constructor(
    @InjectConnection() private readonly connection: Connection,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Resolves when the first connection is open; never when the process stops before. */
  get opened(): Promise<undefined> {
    return this.firstConnection.promise;
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

  /** Resolves when the server answers. @throws while there is no connection */
  async ping(): Promise<void> {
    if (this.connection.readyState !== ConnectionStates.connected)
      throw new Error('MongoDB is not connected');
    await this.connection.db?.command({ ping: 1 });
  }

  /** Whether the server does not answer now, or not in time. */
  async isAway(): Promise<boolean> {
    try {
      await inTime(this.environment.mongo.timeoutMs, this.ping());
      return false;
    } catch (error) {
      this.logger.debug({ err: error }, 'MongoDB does not answer');
      return true;
    }
  }

  /** Resolves when the server answers again. @throws AbortError when the signal comes first */
  async back(signal: AbortSignal): Promise<void> {
    do await setTimeout(LOOK_DELAY_MS, undefined, { signal, ref: false });
    while (await this.isAway());
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
        this.firstConnection.resolve(undefined);
        return;
      } catch (error) {
        this.logger.warn({ error: String(error) }, 'MongoDB is not reachable, trying again');
        await setTimeout(RETRY_DELAY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }
}
