import { Inject, Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Environment } from '../../config/environment';
import { LOGGER, type Logger } from '../../logging/logger';
import { MongoConnector } from '../../mongo/mongo-connector';
import { inTime } from '../../timing/in-time';
import { Metrics, PREFIX } from './metrics';
import { lookMs } from './redis-look';

/** How MongoDB is, as this process sees it. */
@Injectable()
export class MongoMetrics {
  private readonly up: Gauge;
  private readonly latency: Gauge;

  constructor(
    metrics: Metrics,
    private readonly mongo: MongoConnector,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const registers = [metrics.seen];
    this.up = new Gauge({ name: `${PREFIX}mongodb_up`, help: 'Whether MongoDB answers.', registers });
    this.latency = new Gauge({
      name: `${PREFIX}mongodb_latency_seconds`,
      help: 'How long MongoDB takes to answer.',
      registers,
    });
    metrics.beforeScrape(() => this.observe());
  }

  private async observe(): Promise<void> {
    const startedAt = performance.now();
    try {
      await inTime(lookMs(this.environment), this.mongo.ping());
      this.latency.set((performance.now() - startedAt) / 1000);
      this.up.set(1);
    } catch (error) {
      // The gauge says it.
      this.logger.debug({ err: error }, 'MongoDB did not answer a scrape');
      this.latency.remove();
      this.up.set(0);
    }
  }
}
