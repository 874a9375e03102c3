import { outageOf } from '../redis-outage';
import { setTimeout } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import type { Logger } from '../../logging/logger';
import type { DeadLetterPosition } from './dead-letter-cursor';
import type { ActStore, StepOutcome } from './act-store';

const STEPS_PER_SECOND = 10;
const OUTAGE_PAUSE_MS = 1_000;

/** Does it to one job. @returns whether it was still the dead letter that was meant */
export type ApplyAct = (queue: Queue, job: DeadLetterPosition) => Promise<boolean>;

export interface RunningAct {
  queue: Queue;
  token: string;
  perSecond: number;
}

/** Runs one act from its first job to its last: in small steps at an even pace, never faster to catch up. */
export class ActRun {
  private outcome: StepOutcome = { done: [], skipped: [] };

  constructor(
    private readonly act: RunningAct,
    private readonly store: ActStore,
    private readonly apply: ApplyAct,
    private readonly logger: Logger,
  ) {}

  /** Ends when all jobs had their turn, when another process took over, or when this one stops. Waits out an outage. */
  async run(stopping: AbortSignal): Promise<void> {
    const { queue, token, perSecond } = this.act;
    for (let isDone = false; !isDone && !stopping.aborted;) {
      const startedAt = performance.now();
      let pauseMs = OUTAGE_PAUSE_MS;
      try {
        const jobs = await this.step();
        isDone = jobs === 0;
        pauseMs = (jobs * 1000) / perSecond - (performance.now() - startedAt);
      } catch (error) {
        if (outageOf(error) === undefined) throw error;
        this.logger.warn(
          { error: String(error), queue: queue.name },
          'An act on dead letters waits for Redis',
        );
      }
      if (!isDone && pauseMs > 0) {
        await setTimeout(pauseMs, undefined, { signal: stopping }).catch(() => undefined);
      }
    }
    if (stopping.aborted) await this.count();
    await this.store.end(queue, token, stopping.aborted ? 'interrupted' : 'completed');
  }

  /** @returns how many jobs it was about; 0 when there is nothing left to do for this process */
  private async step(): Promise<number> {
    const { queue, perSecond } = this.act;
    const jobs = await this.advance(Math.ceil(perSecond / STEPS_PER_SECOND));
    const outcomes = await Promise.allSettled(jobs.map((job) => this.applyTo(queue, job)));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    return jobs.length;
  }

  /** Each outcome is kept until Redis has counted it. */
  private async applyTo(queue: Queue, job: DeadLetterPosition): Promise<void> {
    const { jobId } = job;
    let isDone = false;
    try {
      isDone = await this.apply(queue, job);
    } catch (error) {
      if (outageOf(error) !== undefined) throw error;
      // It stays dead, and must not keep the others from their turn.
      this.logger.error(
        { err: error, queue: queue.name, jobId },
        'A dead letter could not be replayed or deleted',
      );
    }
    (isDone ? this.outcome.done : this.outcome.skipped).push(jobId);
  }

  private async advance(count: number): Promise<DeadLetterPosition[]> {
    const { queue, token } = this.act;
    const jobs = await this.store.advance(queue, token, count, this.outcome);
    this.outcome = { done: [], skipped: [] };
    return jobs ?? [];
  }

  /** What the last step came to, when no other follows. */
  private async count(): Promise<void> {
    await this.advance(0);
  }
}
