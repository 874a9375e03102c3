import { getQueueToken } from '@nestjs/bullmq';
import { type DynamicModule, Inject, Module, type OnModuleInit, type Type } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { LOGGER, type Logger } from '../logging/logger';
import { handleOutages } from './handle-outages';

/** Every queue of the process: what counts, inspects and shows queues takes them from here. */
export const QUEUES = Symbol('QUEUES');

/** Gathers queues that other modules own, so that what looks at all of them knows none by name. */
@Module({})
export class QueuesModule implements OnModuleInit {
  constructor(
    @Inject(QUEUES) private readonly queues: readonly Queue[],
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @param owners modules, each with the names of the queues that it exports */
  static gather(...owners: [owner: Type, ...names: string[]][]): DynamicModule {
    return {
      module: QueuesModule,
      global: true,
      imports: owners.map(([owner]) => owner),
      providers: [
        {
          provide: QUEUES,
          inject: owners.flatMap(([, ...names]) => names.map((name) => getQueueToken(name))),
          useFactory: (...queues: Queue[]) => queues,
        },
      ],
      exports: [QUEUES],
    };
  }

  onModuleInit(): void {
    for (const queue of this.queues) handleOutages(queue, queue.name, this.logger);
  }
}
