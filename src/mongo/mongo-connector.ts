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
import { inTime } from '../timing/in-time';
import { oneAtATime } from '../timing/one-at-a-time';
import { traceCommands } from '../tracing/mongo-spans';
import { connectionOptions, weakerConcerns } from './connection-options';

const RETRY_DELAY_MS = 1_000;
/** For telling the server that its sessions are over. */
const CLOSE_TIMEOUT_MS = 1_000;
const LOOK_DELAY_MS = 500;

/**
 * Opens the process's MongoDB connection in the background, as often as it takes: the driver only makes a lost
 * connection again by itself, not a first one that failed.
 */
@Injectable()
export class MongoConnector implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  private readonly firstConnection = Promise.withResolvers<undefined>();
  private readonly stopping = new AbortController();
  /** A server that hangs keeps its pings: one is enough. */
  private readonly pingOnce = oneAtATime(async () => this.connection.db?.command({ ping: 1 }));

  private readonly watchers: ((connection: Connection) => void)[] = [];

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
    try {
      await inTime(CLOSE_TIMEOUT_MS, this.connection.close());
    } catch (error) {
      // A server that is away or hangs can't be told.
      this.logger.debug({ err: error }, 'MongoDB connection was dropped');
    }
  }

  /** @param watch is given the connection once it is open; to be asked before the start */
  onceOpen(watch: (connection: Connection) => void): void {
    this.watchers.push(watch);
  }

  /** Resolves when the server answers. @throws while there is no connection */
  async ping(): Promise<void> {
    if (this.connection.readyState !== ConnectionStates.connected)
      throw new Error('MongoDB is not connected');
    await this.pingOnce();
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
    const { mongo, tracing } = this.environment;
    const { uri, timeoutMs } = mongo;
    while (!signal.aborted) {
      try {
        await this.connection.openUri(uri, {
          ...connectionOptions(timeoutMs),
          autoIndex: false,
          autoCreate: false,
          bufferCommands: false,
          monitorCommands: tracing !== undefined,
        });
        const client = this.connection.getClient();
        if (tracing) traceCommands(client);
        for (const watch of this.watchers) watch(this.connection);
        const weaker = weakerConcerns(client);
        if (weaker.length > 0)
          this.logger.warn(
            { weaker },
            'MONGODB_URI asks for less: a failover or a crash may lose what is confirmed',
          );
        this.firstConnection.resolve(undefined);
        return;
      } catch (error) {
        this.logger.warn({ error: String(error) }, 'MongoDB is not reachable, trying again');
        await setTimeout(RETRY_DELAY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }
}
