import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../config/environment';
import { TooManyWebhooks } from './too-many-webhooks';
import type { Webhook } from './webhook';
import { webhookKeys, webhooksOf } from './webhook-keys';

/** KEYS: the tenant's webhooks. ARGV: id, webhook, most. Returns the webhook of this id, or nil when there are enough. */
const CREATE = `
local existing = redis.call('HGET', KEYS[1], ARGV[1])
if existing then return existing end
if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then return false end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return ARGV[2]`;

/** KEYS: the tenant's webhooks. ARGV: id, as it was, as it is to be. Returns 0 when it is another by now. */
const REPLACE = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1`;

/** KEYS: the tenant's webhooks, then all of this one. ARGV: id. */
const REMOVE = `
if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('UNLINK', unpack(KEYS, 2))
return 1`;

/** A change is tried again when another came between. */
const MAX_TRIES = 10;

/** The webhooks of all tenants. They live in Redis, with what is accepted: they have no end of their own. */
@Injectable()
export class WebhookStore {
  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
  ) {}

  /**
   * @returns what is stored; of the same id before, when this is a repeat
   * @throws TooManyWebhooks
   */
  async create(webhook: Webhook): Promise<Webhook> {
    const { max } = this.environment.webhooks;
    const json = JSON.stringify(webhook);
    const stored = await this.redis.eval(CREATE, 1, this.keyOf(webhook.tenantId), webhook.id, json, max);
    if (stored === null) throw new TooManyWebhooks(max);
    return JSON.parse(stored as string) as Webhook;
  }

  /** Of one tenant, in the order in which they were made. */
  async list(tenantId: string): Promise<Webhook[]> {
    const stored = await this.redis.hvals(this.keyOf(tenantId));
    return stored
      .map((json) => JSON.parse(json) as Webhook)
      .toSorted((a, b) => a.createdAt - b.createdAt || a.id.localeCompare(b.id));
  }

  /** @returns undefined when the tenant has none of this id */
  async find(tenantId: string, id: string): Promise<Webhook | undefined> {
    const json = await this.redis.hget(this.keyOf(tenantId), id);
    return json === null ? undefined : (JSON.parse(json) as Webhook);
  }

  /** @param change may be asked more than once @returns the changed one; undefined when there is none */
  async change(
    tenantId: string,
    id: string,
    change: (webhook: Webhook) => Webhook,
  ): Promise<Webhook | undefined> {
    const key = this.keyOf(tenantId);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const before = await this.redis.hget(key, id);
      if (before === null) return undefined;
      const changed = change(JSON.parse(before) as Webhook);
      if ((await this.redis.eval(REPLACE, 1, key, id, before, JSON.stringify(changed))) === 1) return changed;
    }
    throw new Error(`Webhook ${id} is changed by others all the time`);
  }

  /** With its log. @returns whether it was there */
  async remove(tenantId: string, id: string): Promise<boolean> {
    const { log, entries, waiting, dropped } = webhookKeys(this.environment.redis.prefix, { id });
    const keys = [this.keyOf(tenantId), log, entries, waiting, dropped];
    return (await this.redis.eval(REMOVE, keys.length, ...keys, id)) === 1;
  }

  private keyOf(tenantId: string): string {
    return webhooksOf(this.environment.redis.prefix, tenantId);
  }
}
