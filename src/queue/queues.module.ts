import { getQueueToken } from '@nestjs/bullmq';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import type { Queue } from 'bullmq';

/** Every queue of the process, in the order in which people see them: what counts, inspects and shows queues takes them from here. */
export const QUEUES = Symbol('QUEUES');

/** Gathers queues that other modules own, so that what looks at all of them knows none by name. */
@Module({})
export class QueuesModule {
  /** @param owner exports the queues named */
  static gather(owner: Type, ...names: string[]): DynamicModule {
    return {
      module: QueuesModule,
      global: true,
      imports: [owner],
      providers: [
        {
          provide: QUEUES,
          inject: names.map((name) => getQueueToken(name)),
          useFactory: (...queues: Queue[]) => queues,
        },
      ],
      exports: [QUEUES],
    };
  }
}
