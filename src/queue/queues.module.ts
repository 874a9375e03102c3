import { getQueueToken } from '@nestjs/bullmq';
import { type DynamicModule, Inject, Module, type OnModuleInit, type Type } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { LOGGER, type Logger } from '../logging/logger';
import { inTime } from '../timing/in-time';

const CLOSE_TIMEOUT_MS = 500;

/** Every queue of the process: what counts, inspects and shows queues takes them from here. */
export const QUEUES = Symbol('QUEUES');

/** Gathers queues that other modules own, so that what looks at all of them knows none by name. */
@Module({})
export class QueuesModule implements OnModuleInit {
  constructor(
    @Inject(QUEUES) private readonly queues: readonly Queue[],
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

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

  /** Nest closes queues, and a queue says goodbye to Redis, which may be away or hang. */
  private closeInTime(queue: Queue): void {
    const close = queue.close.bind(queue);
    queue.close = () =>
      inTime(CLOSE_TIMEOUT_MS, close()).catch((error: unknown) => {
        this.logger.debug({ err: error, queue: queue.name }, 'Queue was dropped');
        queue.disconnect().catch(() => undefined);
      });
  }

  /** BullMQ prints what nobody listens to. The outage itself is reported by the process's own connection. */
  onModuleInit(): void {
    for (const queue of this.queues) {
      queue.on('error', (error) => {
        this.logger.debug({ err: error, queue: queue.name }, 'Queue lost Redis, trying again');
      });
      this.closeInTime(queue);
    }
  }
}
