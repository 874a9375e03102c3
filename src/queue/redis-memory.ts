import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../config/environment';
import { oneAtATime } from '../timing/one-at-a-time';
import { infoFields } from './redis-info';
import { answerInTime, QueueUnavailable } from './queue-unavailable';

/** How often Redis is asked while there is traffic, in ms: seldom where it has no limit. */
const LOOK_EVERY_MS = 1_000;
const LOOK_WITHOUT_LIMIT_EVERY_MS = 10_000;

/**
 * Accepts nothing new while Redis is nearly out of memory: workers write too, and what is left is for them, so that
 * what is queued drains.
 */
@Injectable()
export class RedisMemory {
  private short = false;
  private lookAgainAtMs = 0;
  private readonly look = oneAtATime(() => this.ask());

  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
  ) {}

  /** Costs a round trip only when it would refuse on an old answer. @throws QueueUnavailable */
  async refuseWhenShort(): Promise<void> {
    if (performance.now() < this.lookAgainAtMs) {
      if (this.short) throw this.refusal();
      return;
    }
    if (!this.short) {
      // In the background. A Redis that is away is told by the command that follows.
      this.look().catch(() => undefined);
      return;
    }
    const isStillShort = await answerInTime(this.environment.redis.commandTimeoutMs, this.look());
    if (isStillShort) throw this.refusal();
  }

  /** @returns whether memory is short */
  private async ask(): Promise<boolean> {
    const fields = infoFields(await this.redis.info('memory'));
    const limit = Number(fields.get('maxmemory') ?? 0);
    const percent = limit === 0 ? 0 : (Number(fields.get('used_memory')) / limit) * 100;
    this.short = percent > this.environment.redis.maxMemoryPercent;
    this.lookAgainAtMs = performance.now() + (limit === 0 ? LOOK_WITHOUT_LIMIT_EVERY_MS : LOOK_EVERY_MS);
    return this.short;
  }

  private refusal(): QueueUnavailable {
    return new QueueUnavailable(
      `Redis uses more than ${this.environment.redis.maxMemoryPercent} % of its memory`,
    );
  }
}
