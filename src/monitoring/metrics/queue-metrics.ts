import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Gauge } from 'prom-client';
import { QueueInspector, type QueueGlance } from '../../queue/queue-inspector';
import { QUEUES } from '../../queue/queues.module';
import { oneAtATime } from '../../timing/one-at-a-time';
import { Metrics, PREFIX } from './metrics';
import { RedisLook } from './redis-look';

type Glance = QueueGlance & { queue: string };

const STATES = ['pending', 'prioritized', 'delayed', 'active', 'completed', 'failed'] as const;

/**
 * How long queues are. All processes say the same of a queue, so take the `max` over them. While Redis does not answer
 * nothing is said: no figure is better than an old one, by which somebody would scale.
 */
@Injectable()
export class QueueMetrics {
  private readonly gauges: ReturnType<typeof gaugesOf>;
  private readonly glanceOnce = oneAtATime(() => this.glance());

  constructor(
    metrics: Metrics,
    @Inject(QUEUES) private readonly queues: readonly Queue[],
    private readonly inspector: QueueInspector,
    look: RedisLook,
  ) {
    this.gauges = gaugesOf(metrics);
    metrics.beforeScrape(async () => {
      this.show((await look.ask(this.glanceOnce)) ?? []);
    });
  }

  private glance(): Promise<Glance[]> {
    const nowMs = Date.now();
    return Promise.all(
      this.queues.map(async (queue) => ({
        ...(await this.inspector.glance(queue, nowMs)),
        queue: queue.name,
      })),
    );
  }

  private show(glances: readonly Glance[]): void {
    for (const gauge of Object.values(this.gauges)) gauge.reset();
    for (const { queue, counts, paused, oldestWaitingAgeMs, workers } of glances) {
      for (const state of STATES) this.gauges.jobs.set({ queue, state }, counts[state]);
      const { pending, prioritized, active } = counts;
      this.gauges.backlog.set({ queue }, paused ? 0 : pending + prioritized + active);
      this.gauges.oldestWaiting.set({ queue }, (oldestWaitingAgeMs ?? 0) / 1000);
      this.gauges.paused.set({ queue }, paused ? 1 : 0);
      this.gauges.workers.set({ queue }, workers.length);
      this.gauges.deadLetters.set({ queue }, counts.failed);
    }
  }
}

function gaugesOf({ seen }: Metrics) {
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> =>
    new Gauge({ name: PREFIX + name, help, labelNames, registers: [seen] });
  return {
    jobs: gauge('queue_jobs', 'Jobs by state, each in one.', 'queue', 'state'),
    backlog: gauge(
      'queue_backlog_jobs',
      'What workers have to do now: ready and active jobs; 0 while the queue is paused. To scale by.',
      'queue',
    ),
    oldestWaiting: gauge(
      'queue_oldest_waiting_seconds',
      'How long the oldest job that is ready has been due; 0 when none is.',
      'queue',
    ),
    paused: gauge('queue_paused', 'Whether workers take no jobs from it for now.', 'queue'),
    workers: gauge('queue_workers', 'Workers that are connected to it.', 'queue'),
    deadLetters: gauge('dead_letters', 'Jobs that were given up, and wait for a person.', 'queue'),
  };
}
