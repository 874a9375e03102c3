import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../../config/environment';
import { LOGGER, type Logger } from '../../logging/logger';
import { oneAtATime } from '../../timing/one-at-a-time';
import type { Sample } from './sample';
import { Sampler } from './sampler';

export const SAMPLE_EVERY_MS = 10_000;
/** An hour. */
const SAMPLES = 361;
const KEPT_MS = 2 * 3_600_000;

/**
 * The last hour, as samples in Redis. Every API process offers to take the next one, and the first gets to: no process
 * is special, and none is missed.
 */
@Injectable()
export class History implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly key: string;
  private timer: NodeJS.Timeout | undefined;
  private readonly offer = oneAtATime(() => this.takeTurn());

  constructor(
    private readonly redis: Redis,
    private readonly sampler: Sampler,
    environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.key = `${environment.redis.prefix}:samples`;
  }

  onApplicationBootstrap(): void {
    const offer = (): void => {
      this.offer().catch((error: unknown) => {
        // The hour has a gap, which is what there is to see.
        this.logger.debug({ err: error }, 'No sample was taken');
      });
    };
    offer();
    this.timer = setInterval(offer, SAMPLE_EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Oldest first. @throws when Redis does not answer */
  async read(): Promise<Sample[]> {
    const samples = await this.redis.lrange(this.key, 0, SAMPLES - 1);
    return samples.map((sample) => JSON.parse(sample) as Sample).toReversed();
  }

  private async takeTurn(): Promise<void> {
    const turn = Math.floor(Date.now() / SAMPLE_EVERY_MS);
    const isOurs = await this.redis.set(`${this.key}:${turn}`, '1', 'PX', 2 * SAMPLE_EVERY_MS, 'NX');
    if (isOurs === null) return;
    const sample = JSON.stringify(await this.sampler.take());
    await this.redis
      .multi()
      .lpush(this.key, sample)
      .ltrim(this.key, 0, SAMPLES - 1)
      .pexpire(this.key, KEPT_MS)
      .exec();
  }
}
