import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { RedisStatusReader } from '../../queue/redis-status';
import { oneAtATime } from '../../timing/one-at-a-time';
import { Metrics, PREFIX } from './metrics';
import { RedisLook } from './redis-look';

/** How Redis is, as this process sees it. While it is away there is no figure but that. */
@Injectable()
export class RedisMetrics {
  private readonly up: Gauge;
  private readonly latency: Gauge;
  private readonly used: Gauge;
  private readonly max: Gauge;
  /** A Redis that hangs keeps a question until it is back: one is enough. */
  private readonly read = oneAtATime(() => this.redis.read());

  constructor(
    metrics: Metrics,
    private readonly redis: RedisStatusReader,
    private readonly look: RedisLook,
  ) {
    const gauge = (name: string, help: string): Gauge =>
      new Gauge({ name: PREFIX + name, help, registers: [metrics.seen] });
    this.up = gauge('redis_up', 'Whether Redis answers.');
    this.latency = gauge('redis_latency_seconds', 'How long Redis takes to answer.');
    this.used = gauge('redis_memory_used_bytes', 'Memory that Redis uses.');
    this.max = gauge('redis_memory_max_bytes', 'Memory that Redis may use; 0: no limit.');
    metrics.beforeScrape(() => this.observe());
  }

  private async observe(): Promise<void> {
    const seen = await this.look.ask(async () => ({
      latencyMs: await this.redis.ping(),
      ...(await this.read()),
    }));
    this.up.set(seen ? 1 : 0);
    if (seen) {
      this.latency.set(seen.latencyMs / 1000);
      this.used.set(seen.usedMemory);
      this.max.set(seen.maxMemory);
    } else {
      // An old figure would pass for a new one.
      for (const gauge of [this.latency, this.used, this.max]) gauge.remove();
    }
  }
}
