import { getQueueToken } from '@nestjs/bullmq';
import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { Environment } from '../config/environment';
import { DurabilityGate } from './durability-gate';
import { QueueIntake } from './queue-intake';
import { QueueLimit } from './queue-limit';
import { RedisFitness } from './redis-fitness';
import { RedisMemory } from './redis-memory';

/** What stands between a request and a queue: when nothing more is let in, and when what is in is safe. */
@Module({})
export class IntakeModule {
  /** @param queue the module that has the queue, and its name */
  static of(queue: NonNullable<ModuleMetadata['imports']>[number], name: string): DynamicModule {
    return {
      module: IntakeModule,
      imports: [queue],
      providers: [
        DurabilityGate,
        QueueIntake,
        RedisMemory,
        {
          provide: QueueLimit,
          inject: [getQueueToken(name), Redis, Environment, RedisFitness, RedisMemory],
          useFactory: (...parts: [Queue, Redis, Environment, RedisFitness, RedisMemory]) =>
            new QueueLimit(...parts),
        },
      ],
      exports: [DurabilityGate, QueueIntake],
    };
  }
}
