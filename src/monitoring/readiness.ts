import { Inject, Injectable } from '@nestjs/common';
import { Environment } from '../config/environment';
import { LOGGER, type Logger } from '../logging/logger';
import { MongoConnector } from '../mongo/mongo-connector';
import { RedisFitness } from '../queue/redis-fitness';
import { RedisStatusReader } from '../queue/redis-status';
import { inTime } from '../timing/in-time';

export type Check = 'up' | 'down';
export interface ReadinessReport {
  ready: boolean;
  starting: boolean;
  draining: boolean;
  /** What this role can't work without. */
  checks: Record<string, Check>;
  /** What keeps it from starting, or from going on, until a person does something about it. */
  problem?: string;
}

/** Whether this process can do its work now. */
@Injectable()
export class Readiness {
  private draining = false;
  private starting = 0;
  private problem: string | undefined;
  private companion: Readiness | undefined;

  constructor(
    private readonly redis: RedisStatusReader,
    private readonly fitness: RedisFitness,
    private readonly mongo: MongoConnector,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Not ready before this is done, and Redis first found fit: a part of the process that starts on its own time. */
  async startup(part: Promise<void>): Promise<void> {
    this.starting += 1;
    await Promise.all([part, this.fitness.fit]);
    this.starting -= 1;
  }

  /** What keeps a part from starting, and what to do about it; undefined once nothing does. */
  explain(problem: string | undefined): void {
    this.problem = problem;
  }

  /** From now on not ready: the process is about to stop. */
  drain(): void {
    this.draining = true;
  }

  /** Whether the process is about to stop: whoever asks again should ask another one. */
  get isDraining(): boolean {
    return this.draining;
  }

  /** Of another application of this process, which nobody asks: from now on it counts here too. */
  include(companion: Readiness): void {
    this.companion = companion;
  }

  async report(): Promise<ReadinessReport> {
    const [own, other] = await Promise.all([this.own(), this.companion?.report()]);
    if (!other) return own;
    const checks = { ...own.checks };
    for (const [name, check] of Object.entries(other.checks))
      if (checks[name] !== 'down') checks[name] = check;
    const problem = own.problem ?? other.problem;
    return {
      ready: own.ready && other.ready,
      starting: own.starting || other.starting,
      draining: own.draining || other.draining,
      checks,
      ...(problem !== undefined && { problem }),
    };
  }

  private async own(): Promise<ReadinessReport> {
    const starting = this.starting > 0 || !this.fitness.hasPassed;
    const checks: Record<string, Check> = { redis: await this.check('redis', () => this.redis.ping()) };
    // The API takes writes without MongoDB, so its absence must not take the API out of service.
    if (this.environment.role !== 'api')
      checks.mongodb = await this.check('mongodb', () => this.mongo.ping());
    const isFit = this.fitness.passed && Object.values(checks).every((check) => check === 'up');
    const ready = !this.draining && !starting && isFit;
    const { draining } = this;
    const problem = this.problem ?? this.fitness.problem;
    return { ready, starting, draining, checks, ...(problem !== undefined && { problem }) };
  }

  /** A server that takes longer than a caller's command may is as good as down. */
  private async check(server: string, ping: () => Promise<unknown>): Promise<Check> {
    try {
      await inTime(this.environment.redis.commandTimeoutMs, ping());
      return 'up';
    } catch (error) {
      this.logger.debug({ err: error, server }, 'not ready');
      return 'down';
    }
  }
}
