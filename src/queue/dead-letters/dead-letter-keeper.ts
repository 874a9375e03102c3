import { setTimeout } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { LOGGER, type Logger } from '../../logging/logger';
import { QUEUES } from '../queues.module';
import { DeadLetterTrimmer } from './dead-letter-trimmer';

/** How far above its bounds the set can be, in time. A look that finds nothing to do is one short script. */
const PERIOD_MS = 10_000;

/** Trims the dead letters of every queue of a worker, again and again. */
@Injectable()
export class DeadLetterKeeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();

  constructor(
    @Inject(QUEUES) private readonly queues: readonly Queue[],
    private readonly trimmer: DeadLetterTrimmer,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    void this.keep();
  }

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /** One round after the other, so that rounds never pile up behind a Redis that is away. */
  private async keep(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      for (const queue of this.queues) await this.trim(queue);
      await setTimeout(PERIOD_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async trim(queue: Queue): Promise<void> {
    try {
      await this.trimmer.trim(queue, Date.now());
    } catch (error) {
      // Stopped in the middle of it: the connection was closed under it.
      if (this.stopping.signal.aborted) return;
      this.logger.warn({ error: String(error), queue: queue.name }, 'Dead letters were not trimmed');
    }
  }
}
