import { getQueueToken } from '@nestjs/bullmq';
import { type DynamicModule, Inject, Module, type OnModuleInit, type Type } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Environment } from '../config/environment';
import { LOGGER, type Logger } from '../logging/logger';
import { handleOutages } from './handle-outages';

/** Every queue of the process: what counts, inspects and shows queues takes them from here. */
export const QUEUES = Symbol('QUEUES');

/** Those too that are not used, and that nobody is shown. */
export const OWNED_QUEUES = Symbol('OWNED_QUEUES');

export interface QueueOwner {
  /** Exports the queues. */
  owner: Type;
  queues: string[];
  /** Whether the queues are used as the service is set up; always, unless it is said. */
  isUsed?: (environment: Environment) => boolean;
}

/** Gathers queues that other modules own, so that what looks at all of them knows none by name. */
@Module({})
export class QueuesModule implements OnModuleInit {
  constructor(
    @Inject(OWNED_QUEUES) private readonly queues: readonly Queue[],
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  static gather(...owners: QueueOwner[]): DynamicModule {
    return {
      module: QueuesModule,
      global: true,
      imports: owners.map(({ owner }) => owner),
      providers: [
        {
          provide: OWNED_QUEUES,
          inject: owners.flatMap(({ queues }) => queues.map((name) => getQueueToken(name))),
          useFactory: (...queues: Queue[]) => queues,
        },
        {
          provide: QUEUES,
          inject: [OWNED_QUEUES, Environment],
          useFactory: (owned: Queue[], environment: Environment) => {
            const unused = owners.filter(({ isUsed }) => isUsed?.(environment) === false);
            return owned.filter(({ name }) => !unused.some(({ queues }) => queues.includes(name)));
          },
        },
      ],
      exports: [OWNED_QUEUES, QUEUES],
    };
  }

  onModuleInit(): void {
    for (const queue of this.queues) handleOutages(queue, queue.name, this.logger);
    this.closeTogether();
  }

  /** With the first one that Nest closes go the others: one after the other they would wait for a Redis that hangs. */
  private closeTogether(): void {
    const closes = this.queues.map((queue) => queue.close.bind(queue));
    let closed: Promise<void> | undefined;
    const closeAll = async (): Promise<void> => {
      await Promise.all(closes.map((close) => close()));
    };
    for (const queue of this.queues) queue.close = () => (closed ??= closeAll());
  }
}
