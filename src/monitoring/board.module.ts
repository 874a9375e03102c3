import type { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { BullBoardModule, InjectBullBoard } from '@bull-board/nestjs';
import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { QUEUES } from '../queue/queues.module';
import { ADMIN_PATH } from './admin-pages';

/** Bull Board over every queue of the process. Who may enter is decided for all of `/admin`, in admin-pages.ts. */
@Module({
  imports: [
    BullBoardModule.forRoot({
      route: `${ADMIN_PATH}/queues`,
      adapter: FastifyAdapter,
      boardOptions: {
        uiConfig: {
          boardTitle: 'InsightCRM queues',
          miscLinks: [{ text: 'API documentation', url: '/docs' }],
        },
      },
    }),
  ],
})
export class BoardModule implements OnModuleInit {
  constructor(
    @InjectBullBoard() private readonly board: ReturnType<typeof createBullBoard>,
    @Inject(QUEUES) private readonly queues: readonly Queue[],
  ) {}

  onModuleInit(): void {
    for (const queue of this.queues) this.board.addQueue(new BullMQAdapter(queue));
  }
}
