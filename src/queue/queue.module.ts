import { BullModule } from '@nestjs/bullmq';
import { type DynamicModule, Module } from '@nestjs/common';
import { createIORedisClient, RedisConnection } from 'bullmq';
import { Redis } from 'ioredis';
import { Environment } from '../config/environment';
import { jobTelemetry } from '../tracing/job-telemetry';
import { DiscreetRedis } from './discreet-redis';
import { patient } from './redis-connection';
import { redisOptions } from './redis-options';
import { RedisModule } from './redis.module';

/** How many lines BullMQ's own event stream keeps: a convenience for who watches, never relied on. */
const STREAM_LENGTH = 100_000;

// What BullMQ opens itself, it prints the errors of where nobody listens yet.
RedisConnection.clientFactory = (options) => {
  const { url } = options as { url?: string };
  return createIORedisClient(
    url === undefined ? new DiscreetRedis(options) : new DiscreetRedis(url, options),
  );
};

/** The way onto queues for the API, which shares the process's connection; or off them for a worker, with its own. */
@Module({})
export class QueueModule {
  static forRole(role: 'api' | 'worker'): DynamicModule {
    return {
      module: QueueModule,
      imports: [
        RedisModule.forRole(role),
        BullModule.forRootAsync({
          inject: [Environment, Redis],
          useFactory: (environment: Environment, redis: Redis) => ({
            connection: role === 'api' ? redis : redisOptions(environment.redis.server, patient),
            prefix: environment.redis.prefix,
            streams: { events: { maxLen: STREAM_LENGTH } },
            ...(environment.tracing && { telemetry: jobTelemetry() }),
          }),
        }),
      ],
    };
  }
}
