import { type DynamicModule, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../config/environment';
import { LOGGER, type Logger } from '../logging/logger';
import { connectRedis, failFast, patient } from './redis-connection';
import { RedisFitness } from './redis-fitness';
import { RedisStatusReader } from './redis-status';

/** The process's own Redis connection, shared by the queue, the import records and the events; and how Redis is. */
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
            connectRedis(redis.server, role === 'api' ? failFast(redis.commandTimeoutMs) : patient, logger),
        },
        RedisFitness,
        RedisStatusReader,
      ],
      exports: [Redis, RedisFitness, RedisStatusReader],
    };
  }

  /** Last of all: jobs and requests that are being finished still need it. */
  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}
