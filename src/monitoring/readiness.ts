import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../config/environment';
import { MongoConnector } from '../mongo/mongo-connector';

export type Check = 'up' | 'down';
export interface ReadinessReport {
  ready: boolean;
  draining: boolean;
  /** What this role can't work without. */
  checks: Record<string, Check>;
}

/** Whether this process can do its work now. */
@Injectable()
export class Readiness {
  private draining = false;

  constructor(
    private readonly redis: Redis,
    private readonly mongo: MongoConnector,
    private readonly environment: Environment,
  ) {}

  /** From now on not ready: the process is about to stop. */
  drain(): void {
    this.draining = true;
  }

  async report(): Promise<ReadinessReport> {
    const checks: Record<string, Check> = { redis: (await this.redisAnswers()) ? 'up' : 'down' };
    // The API takes writes without MongoDB, so its absence must not take the API out of service.
    if (this.environment.role !== 'api') checks.mongodb = (await this.mongo.answers()) ? 'up' : 'down';
    const ready = !this.draining && Object.values(checks).every((check) => check === 'up');
    return { ready, draining: this.draining, checks };
  }

  private async redisAnswers(): Promise<boolean> {
    if (this.redis.status !== 'ready') return false;
    const late = AbortSignal.timeout(this.environment.redis.commandTimeoutMs);
    return Promise.race([
      this.redis.ping().then(
        () => true,
        () => false,
      ),
      new Promise<boolean>((resolve) => {
        late.addEventListener('abort', () => {
          resolve(false);
        });
      }),
    ]);
  }
}
