import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../config/environment';
import { LOGGER, type Logger } from '../logging/logger';
import { outageOf } from './redis-outage';
import { RedisUnfit } from './redis-unfit';
import { judgeRedis, type RedisVerdict } from './redis-verdict';
import { ToldProblems } from './told-problems';

/** A Redis that is there answers long before. */
const PATIENCE_MS = 1_000;

/** How long after a look that left something open comes the next, in ms. */
const LOOK_AGAIN_AFTER_MS = 2_000;

/**
 * Whether Redis is set up to keep what is accepted. Looked at when Redis first answers, and each time its connection
 * comes back: another may be the master then, or the same have other settings. Until it is found fit the process is not
 * ready and accepts nothing. A process that never worked ends when it is not; one that did says so, and goes on when it
 * is fit again.
 */
@Injectable()
export class RedisFitness implements OnModuleInit, OnModuleDestroy {
  private readonly found = Promise.withResolvers<undefined>();
  private readonly refused = Promise.withResolvers<Error>();
  private readonly warnings: ToldProblems;
  private waiting: NodeJS.Timeout | undefined;
  private again: NodeJS.Timeout | undefined;
  private isLooking = false;
  /** Counts connections: what is found of one that ended says nothing of the next. */
  private connection = 0;
  private isStopped = false;
  /** Whether the Redis that the process is connected to was looked at, and found fit. */
  passed = false;
  /** Whether any was since the process began. */
  hasPassed = false;
  /** What keeps a process that worked from going on, and what to do about it; undefined when nothing does. */
  problem: string | undefined;

  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.warnings = new ToldProblems(logger);
  }

  /** Resolves when Redis is first found fit, however long it is away; never when it is not. */
  get fit(): Promise<undefined> {
    return this.found.promise;
  }

  /** Resolves, with RedisUnfit mostly, when the process must end for what was found at first. */
  get unfit(): Promise<Error> {
    return this.refused.promise;
  }

  onModuleInit(): void {
    this.redis.on('close', this.forget);
    this.redis.on('ready', this.look);
    if (this.redis.status === 'ready') this.look();
    this.waiting = setTimeout(() => {
      this.logger.warn('Redis does not answer: waiting for it, not ready, accepting nothing');
    }, PATIENCE_MS).unref();
  }

  onModuleDestroy(): void {
    this.finish();
  }

  private readonly forget = (): void => {
    this.passed = false;
    this.connection += 1;
  };

  /** One look at a time: on a connection that waits for its server, those of many short ones would pile up. */
  private readonly look = (): void => {
    clearTimeout(this.again);
    if (this.isLooking) return;
    this.isLooking = true;
    const { connection } = this;
    void this.lookAt(connection).finally(() => {
      this.isLooking = false;
      if (this.isStopped) return;
      if (connection !== this.connection && this.redis.status === 'ready') this.look();
      else if (!this.passed || this.environment.ackDurability === 'replica') this.lookLater();
    });
  };

  /** Its settings may be mended, or a replica come or go, without a connection that ends. */
  private lookLater(): void {
    this.again = setTimeout(() => {
      // One that is away is looked at when it is back.
      if (this.redis.status === 'ready') this.look();
    }, LOOK_AGAIN_AFTER_MS).unref();
  }

  private async lookAt(connection: number): Promise<void> {
    try {
      const verdict = await judgeRedis(this.redis, this.environment);
      if (connection !== this.connection) return;
      if (verdict.refusals.length > 0) this.refuse(new RedisUnfit(verdict.refusals));
      else this.pass(verdict);
    } catch (error) {
      if (connection !== this.connection || outageOf(error) !== undefined) return;
      this.refuse(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private pass({ warnings, facts }: RedisVerdict): void {
    clearTimeout(this.waiting);
    this.warnings.tell(warnings);
    if (!this.hasPassed || this.problem !== undefined) {
      const { persistence, appendfsync, evictionPolicy } = facts;
      this.logger.info({ persistence, appendfsync, evictionPolicy }, 'Redis is fit');
    }
    this.problem = undefined;
    this.passed = true;
    this.hasPassed = true;
    this.found.resolve(undefined);
  }

  private refuse(reason: Error): void {
    this.passed = false;
    if (!this.hasPassed) {
      this.finish();
      this.refused.resolve(reason);
      return;
    }
    const problem =
      reason instanceof RedisUnfit
        ? reason.problems.join('; ')
        : `REDIS_URL: Redis does not tell how it is: ${String(reason)}`;
    if (problem !== this.problem)
      this.logger.error({ problem }, 'Redis is no longer fit: not ready, accepting nothing');
    this.problem = problem;
  }

  private finish(): void {
    this.isStopped = true;
    this.connection += 1;
    clearTimeout(this.waiting);
    clearTimeout(this.again);
    this.redis.off('close', this.forget);
    this.redis.off('ready', this.look);
  }
}
