import { Inject, Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../config/environment';
import { LOGGER, type Logger } from '../logging/logger';
import { MongoConnector } from '../mongo/mongo-connector';
import { inTime } from './in-time';

export type Check = 'up' | 'down';
export interface ReadinessReport {
  ready: boolean;
  starting: boolean;
  draining: boolean;
  /** What this role can't work without. */
  checks: Record<string, Check>;
}

/** Whether this process can do its work now. */
@Injectable()
export class Readiness {
  private draining = false;
  private starting = 0;

  constructor(
    private readonly redis: Redis,
    private readonly mongo: MongoConnector,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Not ready before this is done: a part of the process that starts on its own time. */
  async startup(part: Promise<void>): Promise<void> {
    this.starting += 1;
    await part;
    this.starting -= 1;
  }

  /** From now on not ready: the process is about to stop. */
  drain(): void {
    this.draining = true;
  }

  async report(): Promise<ReadinessReport> {
    const checks: Record<string, Check> = { redis: await this.check('redis', () => this.redis.ping()) };
    // The API takes writes without MongoDB, so its absence must not take the API out of service.
    if (this.environment.role !== 'api')
      checks.mongodb = await this.check('mongodb', () => this.mongo.ping());
    const ready =
      !this.draining && this.starting === 0 && Object.values(checks).every((check) => check === 'up');
    return { ready, starting: this.starting > 0, draining: this.draining, checks };
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
