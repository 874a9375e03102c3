import type { OnModuleDestroy } from '@nestjs/common';

/** Takes jobs off a queue. */
export interface Stoppable {
  /** Takes no more jobs, and finishes or hands back those it has, in bounded time. */
  stop(): Promise<void>;
}

/** Stops all workers of a process at once: Nest would wait for one after the other, and their times would add up. */
export class WorkerStop implements OnModuleDestroy {
  constructor(private readonly workers: readonly Stoppable[]) {}

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
  }
}
