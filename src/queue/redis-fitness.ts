import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../config/environment';
import { LOGGER, type Logger } from '../logging/logger';
import { readRedisFacts, type RedisFacts } from './redis-facts';
import { outageOf } from './redis-outage';
import { problemsOf } from './redis-problems';
import { RedisUnfit } from './redis-unfit';

/** A Redis that is there answers long before. */
const PATIENCE_MS = 1_000;

/**
 * Whether Redis is set up to keep what is accepted. Looked at once, when Redis first answers: until then the process
 * waits, is not ready, and accepts nothing.
 */
@Injectable()
export class RedisFitness implements OnModuleInit, OnModuleDestroy {
  private readonly found = Promise.withResolvers<undefined>();
  private readonly refused = Promise.withResolvers<Error>();
  private waiting: NodeJS.Timeout | undefined;
  private readonly look = () => {
    this.check().catch((error: unknown) => {
      // Gone again: the next connection is looked at.
      if (outageOf(error) !== undefined) return;
      this.finish();
      this.refused.resolve(error instanceof Error ? error : new Error(String(error)));
    });
  };
  /** Whether it was looked at, and found fit. */
  passed = false;

  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Resolves when Redis is found fit, however long it is away; never when it is not. */
  get fit(): Promise<undefined> {
    return this.found.promise;
  }

  /** Resolves, with RedisUnfit mostly, when the process must end for what was found. */
  get unfit(): Promise<Error> {
    return this.refused.promise;
  }

  onModuleInit(): void {
    this.redis.on('ready', this.look);
    if (this.redis.status === 'ready') this.look();
    this.waiting = setTimeout(() => {
      this.logger.warn('Redis does not answer: waiting for it, not ready, accepting nothing');
    }, PATIENCE_MS).unref();
  }

  onModuleDestroy(): void {
    this.finish();
  }

  private async check(): Promise<void> {
    const facts = await readRedisFacts(this.redis);
    const { volatile, weak } = problemsOf(facts);
    const { production, redis } = this.environment;
    const mustNotBe = production && !redis.mayBeVolatile;
    const refusals = [
      ...(mustNotBe ? volatile.map((problem) => `REDIS_URL: ${problem}, or ALLOW_VOLATILE_REDIS=true`) : []),
      ...(await this.durabilityProblems(facts)),
    ];
    if (refusals.length > 0) throw new RedisUnfit(refusals);
    for (const problem of [...(mustNotBe ? [] : volatile), ...weak]) this.logger.warn(problem);
    this.finish();
    this.passed = true;
    const { persistence, appendfsync, evictionPolicy } = facts;
    this.logger.info({ persistence, appendfsync, evictionPolicy }, 'Redis is fit');
    this.found.resolve(undefined);
  }

  /** What keeps Redis from telling when a write is on the disk. */
  private async durabilityProblems({ persistence }: RedisFacts): Promise<string[]> {
    if (this.environment.ackDurability !== 'fsync') return [];
    if (!persistence.startsWith('aof'))
      return ['ACK_DURABILITY: fsync needs the append-only file of Redis, set appendonly yes'];
    try {
      // Waits for nothing: it only tells whether the command is known.
      await this.redis.call('WAITAOF', 0, 0, 1);
      return [];
    } catch (error) {
      if (outageOf(error) !== undefined) throw error;
      return [`ACK_DURABILITY: fsync needs WAITAOF, of Redis 7.2 or Valkey; this one says: ${String(error)}`];
    }
  }

  private finish(): void {
    clearTimeout(this.waiting);
    this.redis.off('ready', this.look);
  }
}
