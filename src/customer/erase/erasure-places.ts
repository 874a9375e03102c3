import { Injectable } from '@nestjs/common';
import { Environment } from '../../config/environment';
import { JobTurns, WriteAhead } from '../worker/job-turns';

/** Who waits for a place is woken when it is its turn; this is a net, for what another worker handed back. */
const LOOK_MS = 10_000;

/**
 * Bounds the erasures that a worker does at once: each of them goes through all queues, and anybody may ask for many.
 * Those beyond are handed back, and leave the worker to other jobs.
 */
@Injectable()
export class ErasurePlaces {
  private readonly underWay = new Set<string>();
  /** In the order they came. */
  private readonly waiting = new Set<string>();
  private readonly most: number;

  constructor(
    { erasuresMax }: Environment,
    private readonly turns: JobTurns,
  ) {
    this.most = erasuresMax;
  }

  /** @throws WriteAhead while all places are taken */
  async use<T>(jobId: string, work: () => Promise<T>): Promise<T> {
    const [ahead] = this.underWay;
    if (ahead !== undefined && this.underWay.size >= this.most) {
      this.waiting.add(jobId);
      throw new WriteAhead(ahead, Date.now() + LOOK_MS);
    }
    this.waiting.delete(jobId);
    this.underWay.add(jobId);
    try {
      return await work();
    } finally {
      this.underWay.delete(jobId);
      await this.wakeNext();
    }
  }

  private async wakeNext(): Promise<void> {
    const [next] = this.waiting;
    if (next === undefined) return;
    this.waiting.delete(next);
    await this.turns.wake(next);
  }
}
