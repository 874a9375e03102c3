import { Injectable } from '@nestjs/common';
import { AggregatorRegistry, Registry } from 'prom-client';
import { oneAtATime } from '../../timing/one-at-a-time';

/** What every metric of ours begins with. What Node and the process say of themselves has the names that all services use. */
export const PREFIX = 'insightcrm_';

/** All metrics of one application: tests, and the role `all`, have several in a process. */
@Injectable()
export class Metrics {
  /** What this application did. */
  readonly counted = new Registry();
  /** What there is to see at a scrape: the process, servers, queues. Whoever of the process looks sees the same. */
  readonly seen = new Registry();
  private readonly looks: (() => Promise<void>)[] = [];
  private readonly companions: Metrics[] = [];
  /** In the text format of Prometheus. Who asks while others are answered gets the same. */
  readonly read = oneAtATime(() => this.write());

  get contentType(): string {
    return this.seen.contentType;
  }

  /** @param look is done before each scrape: it must end within a second, and never fail */
  beforeScrape(look: () => Promise<void>): void {
    this.looks.push(look);
  }

  /** Of another application of this process, which nobody asks: from now on what it does is told here too. */
  include(companion: Metrics): void {
    this.companions.push(companion);
  }

  private async write(): Promise<string> {
    await Promise.all(this.looks.map((look) => look()));
    const parts = await Promise.all([this.writeCounted(), this.seen.metrics()]);
    return parts.join('\n');
  }

  private async writeCounted(): Promise<string> {
    if (this.companions.length === 0) return this.counted.metrics();
    const all = [this, ...this.companions].map(({ counted }) => counted.getMetricsAsJSON());
    return AggregatorRegistry.aggregate(await Promise.all(all)).metrics();
  }
}
