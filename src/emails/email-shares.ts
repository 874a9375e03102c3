import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { Environment } from '../config/environment';
import { emailId, EMAIL_QUEUE, type EmailEvent } from './email-jobs';

const HOUR_MS = 3_600_000;

/**
 * KEYS: job, waiting, prioritized, delayed, share. ARGV: most waiting, most of a share, ms. Returns the number of the
 * e-mail within its share, 0 when it is queued or sent already, -1 when there is no room for it.
 */
const TAKE = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local waiting = redis.call('LLEN', KEYS[2]) + redis.call('ZCARD', KEYS[3]) + redis.call('ZCARD', KEYS[4])
if waiting >= tonumber(ARGV[1]) then return -1 end
local number = redis.call('INCR', KEYS[5])
if number == 1 then redis.call('PEXPIRE', KEYS[5], ARGV[3]) end
if number > tonumber(ARGV[2]) then return -1 end
return number`;

export type Place = { kind: 'new'; number: number } | { kind: 'queued' } | { kind: 'full' };

/**
 * What a tenant gets of the e-mails that can be sent: so many of each type an hour, so that one that creates customers
 * without end neither fills the queue nor drowns the news of its imports.
 */
@Injectable()
export class EmailShares {
  constructor(
    @InjectQueue(EMAIL_QUEUE) private readonly queue: Queue,
    private readonly redis: Redis,
    private readonly environment: Environment,
  ) {}

  /** @throws what Redis failed with */
  async take(event: EmailEvent): Promise<Place> {
    const { redis, queueMaxWaiting, emails } = this.environment;
    const lists = ['wait', 'prioritized', 'delayed'].map((name) => this.queue.toKey(name));
    const share = `${redis.prefix}:email-share:${event.type}:${event.tenantid}`;
    const keys = [this.queue.toKey(emailId(event)), ...lists, share];
    const limits = [queueMaxWaiting, emails.perTenantPerHour, HOUR_MS];
    const number = Number(await this.redis.eval(TAKE, keys.length, ...keys, ...limits));
    if (number > 0) return { kind: 'new', number };
    return { kind: number === 0 ? 'queued' : 'full' };
  }
}
