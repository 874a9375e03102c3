import { Inject, Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../config/environment';
import { LOGGER, type Logger } from '../logging/logger';
import { orUnavailable } from '../queue/queue-unavailable';

export const AUDIT_ACTIONS = [
  'dead-letter.retry',
  'dead-letter.retry-all',
  'dead-letter.delete',
  'dead-letter.retry-found',
  'dead-letter.delete-found',
  'dead-letter.cancel',
  'schedule.run',
  'delayed.promote',
  'import.upload',
  'import.cancel',
  'import.undo',
  'bull-board',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who acts: the `sub` and tenant of a token, or the user name of the admin pages. */
export interface Actor {
  userId: string;
  tenantId: string | null;
  requestId: string;
}

/** What is done. Never a payload: it may be personal data. */
export interface AuditedAct {
  action: AuditAction;
  queue: string | null;
  jobIds?: string[];
  /** Of the jobs, where they are not named. */
  count?: number;
  details?: Record<string, string | number>;
}

export interface AuditEntry extends Actor, AuditedAct {
  /** Orders the entries. */
  id: string;
  /** ISO 8601, by the clock of Redis: one for all replicas. */
  at: string;
}

/**
 * Who changed jobs by hand, and when: a stream in Redis, bounded by count. An act is written down before it is done, so
 * that none is done which is not in it.
 */
@Injectable()
export class AuditLog {
  private readonly key: string;

  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.key = `${environment.redis.prefix}:audit`;
  }

  /** @throws QueueUnavailable when it could not be written; the act must not be done then */
  async record(actor: Actor, act: AuditedAct): Promise<void> {
    const entry = JSON.stringify({ ...actor, ...act });
    const { auditLogMax } = this.environment;
    await orUnavailable(this.redis.xadd(this.key, 'MAXLEN', '~', auditLogMax, '*', 'entry', entry));
    const { jobIds, ...rest } = act;
    this.logger.info({ ...actor, ...rest, ...(jobIds && { count: jobIds.length }) }, 'audit');
  }

  /** Newest first. @param before id of the last entry of the page before @throws QueueUnavailable */
  async list(limit: number, before?: string): Promise<AuditEntry[]> {
    const end = before === undefined ? '+' : `(${before}`;
    const entries = await orUnavailable(this.redis.xrevrange(this.key, end, '-', 'COUNT', limit));
    return entries.map(([id, [, entry = '{}']]) => ({
      ...(JSON.parse(entry) as Actor & AuditedAct),
      id,
      at: new Date(Number(id.split('-', 1)[0])).toISOString(),
    }));
  }
}
