import { Inject, Injectable } from '@nestjs/common';
import { Environment } from '../../config/environment';
import { LOGGER, type Logger } from '../../logging/logger';
import { answerInTime, QueueUnavailable } from '../../queue/queue-unavailable';
import { RedisStatusReader } from '../../queue/redis-status';

/** A scrape is answered within a second, whatever hangs. */
const MAX_LOOK_MS = 800;

/** How long a server may take at a scrape, in ms: as long as a caller's command, but never longer than a scrape has. */
export const lookMs = ({ redis }: Environment): number => Math.min(redis.commandTimeoutMs, MAX_LOOK_MS);

/** Asks Redis something for a scrape. */
@Injectable()
export class RedisLook {
  constructor(
    private readonly redis: RedisStatusReader,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @returns undefined when Redis does not answer, or not in time */
  async ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await answerInTime(lookMs(this.environment), this.askWhenThere(question));
    } catch (error) {
      // Of an outage the connection itself tells, and a gauge; whatever else it is, the rest must still be told.
      if (error instanceof QueueUnavailable)
        this.logger.debug({ err: error }, 'Redis did not answer a scrape');
      else this.logger.error({ err: error }, 'Redis could not be measured');
      return undefined;
    }
  }

  /** A question would wait, without end, for a Redis that is away; a ping fails at once. */
  private async askWhenThere<T>(question: () => Promise<T>): Promise<T> {
    await this.redis.ping();
    return question();
  }
}
