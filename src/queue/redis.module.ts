import { type DynamicModule, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../config/environment';
import { LOGGER, type Logger } from '../logging/logger';

/** How a connection behaves while the server is away. */
interface OutageRules {
  maxRetriesPerRequest: number | null;
  retryStrategy: (attempt: number) => number;
  enableOfflineQueue?: boolean;
  commandTimeout?: number;
  connectTimeout?: number;
  autoResendUnfulfilledCommands?: boolean;
}

/** Longest pause between two attempts to reach a Redis that is away, in ms. */
const MAX_RETRY_DELAY_MS = 2_000;

const retryStrategy = (attempt: number): number => Math.min(100 * attempt, MAX_RETRY_DELAY_MS);

/** Gives up at once: a caller waits for the answer, and a 503 now beats a hung request. */
export const failFast = (commandTimeoutMs: number): OutageRules => ({
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  commandTimeout: commandTimeoutMs,
  connectTimeout: 2_000,
  // A command that timed out was refused to its caller: sent again on the next connection, it would be done all the same.
  autoResendUnfulfilledCommands: false,
  retryStrategy,
});

/** Waits for ever: nobody is waiting, and the work must be done when Redis is back. */
export const patient: OutageRules = { maxRetriesPerRequest: null, retryStrategy };

/** The process's own Redis connection, shared by the queue, the import records and the events. */
@Module({})
export class RedisModule implements OnApplicationShutdown {
  constructor(private readonly redis: Redis) {}

  static forRole(role: 'api' | 'worker'): DynamicModule {
    return {
      module: RedisModule,
      global: true,
      providers: [
        {
          provide: Redis,
          inject: [Environment, LOGGER],
          useFactory: ({ redis }: Environment, logger: Logger) =>
            connect(redis.url, role === 'api' ? failFast(redis.commandTimeoutMs) : patient, logger),
        },
      ],
      exports: [Redis],
    };
  }

  /** Last of all: jobs and requests that are being finished still need it. */
  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}

function connect(url: string, rules: OutageRules, logger: Logger): Redis {
  const redis = new Redis(url, rules);
  redis.on('error', (error) => {
    logger.warn({ error: String(error) }, 'Redis connection failed, trying again');
  });
  redis.on('ready', () => {
    logger.debug('Redis connection is ready');
  });
  return redis;
}
