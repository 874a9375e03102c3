import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { Percentiles } from '../../queue/percentiles';
import { QueueInspector } from '../../queue/queue-inspector';
import { QUEUES } from '../../queue/queues.module';
import { History } from './history';
import { ratesBetween, type QueueSample, type Rates, type Sample } from './sample';
import { Sampler } from './sampler';

export interface QueueOverview {
  name: string;
  paused: boolean;
  perSecond: Rates;
  depth: QueueSample;
  /** Of the jobs that ended last and are still there. */
  waitMs: Percentiles;
  runMs: Percentiles;
  oldestWaitingAgeMs: number | null;
  failedLastHour: number;
  /** Connected to it. */
  workers: number;
}

/** Rates are taken over this long at least, in ms: over less they jump. */
const RATE_OVER_MS = 4_000;

/** Every queue as it is now, and how fast it moves. */
@Injectable()
export class QueueOverviews {
  constructor(
    @Inject(QUEUES) private readonly queues: readonly Queue[],
    private readonly inspector: QueueInspector,
    private readonly sampler: Sampler,
    private readonly history: History,
  ) {}

  /** @throws when Redis does not answer */
  async read(): Promise<QueueOverview[]> {
    const [now, samples] = await Promise.all([this.sampler.take(), this.history.read()]);
    const before = samples.findLast(({ atMs }) => now.atMs - atMs >= RATE_OVER_MS);
    return Promise.all(this.queues.map((queue) => this.ofQueue(queue, before, now)));
  }

  private async ofQueue(queue: Queue, before: Sample | undefined, now: Sample): Promise<QueueOverview> {
    const { paused, waitMs, runMs, oldestWaitingAgeMs, throughput, workers } = await this.inspector.inspect(
      queue,
      now.atMs,
    );
    const depth = now.queues[queue.name];
    if (!depth) throw new Error(`No sample of ${queue.name}`);
    return {
      name: queue.name,
      paused,
      perSecond: ratesBetween(before?.queues[queue.name], depth, now.atMs - (before?.atMs ?? now.atMs)),
      depth,
      waitMs,
      runMs,
      oldestWaitingAgeMs,
      failedLastHour: throughput.failed.lastHour,
      workers: workers.length,
    };
  }
}
