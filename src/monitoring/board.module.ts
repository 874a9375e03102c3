import type { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { BullBoardModule, InjectBullBoard } from '@bull-board/nestjs';
import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { AuditModule } from '../audit/audit.module';
import { maskedPayload } from '../customer/jobs/masked-payload';
import { DeadLettersModule } from '../queue/dead-letters/dead-letters.module';
import { orUnavailable, QueueUnavailable } from '../queue/queue-unavailable';
import { QUEUES } from '../queue/queues.module';
import { RedisStatusReader } from '../queue/redis-status';
import { ADMIN_PATH } from './admin-path';
import { BoardActs } from './board-acts';

/** Without Redis at the start, a queue would let a person wait for ever. */
async function refuseWithout(redis: RedisStatusReader) {
  try {
    await orUnavailable(redis.ping());
    return undefined;
  } catch (error) {
    if (!(error instanceof QueueUnavailable)) throw error;
    return { allow: false, status: 500 as const, message: 'Redis does not answer.' };
  }
}

/** Bull Board over every queue of the process. Who may enter is decided for all of `/admin`, in admin-pages.ts. */
@Module({
  imports: [
    AuditModule,
    DeadLettersModule,
    // Async, since forRoot would make one board for all applications of the process.
    BullBoardModule.forRootAsync({
      inject: [RedisStatusReader],
      useFactory: (redis: RedisStatusReader) => ({
        route: `${ADMIN_PATH}/queues`,
        adapter: FastifyAdapter,
        boardOptions: {
          uiConfig: {
            boardTitle: 'InsightCRM queues',
            miscLinks: [
              { text: 'Cockpit', url: ADMIN_PATH },
              { text: 'API documentation', url: '/docs' },
            ],
          },
          handlerHooks: { before: () => refuseWithout(redis) },
        },
      }),
    }),
  ],
  providers: [BoardActs],
})
export class BoardModule implements OnModuleInit {
  constructor(
    @InjectBullBoard() private readonly board: ReturnType<typeof createBullBoard>,
    @Inject(QUEUES) private readonly queues: readonly Queue[],
  ) {}

  onModuleInit(): void {
    for (const queue of this.queues) {
      const adapter = new BullMQAdapter(queue);
      adapter.setFormatter('data', (data: unknown) => maskedPayload(data));
      adapter.setFormatter('returnValue', (result: unknown) => maskedPayload(result));
      this.board.addQueue(adapter);
    }
  }
}
