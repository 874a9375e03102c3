import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../config/environment';
import type { Delivery, DeliveryEntry, DeliveryState, DeliveryTry } from './delivery';
import { ADMIT, PAGE, RECORD } from './delivery-scripts';
import type { WebhookRef } from './webhook';
import { webhookKeys, type WebhookKeys } from './webhook-keys';

/** How long the log of a webhook outlives its last delivery, in ms. */
const LOG_TTL_MS = 7 * 24 * 3_600_000;
/** Longer than any pause between two tries: one that is not heard of for so long was removed by hand. */
const FORGET_AFTER_MS = 48 * 3_600_000;
/** Tries kept of each delivery: two rounds, since a dead letter can be replayed. */
const TRIES_KEPT = 20;

/** What was sent to each webhook lately, and what came of it; and how much waits for it. */
@Injectable()
export class DeliveryLog {
  constructor(
    private readonly redis: Redis,
    private readonly environment: Environment,
  ) {}

  /**
   * Writes a delivery down, unless too many wait.
   * @param queueKeys its job, then the queue's waiting, prioritized and delayed jobs
   * @returns 0 when it is in, less when it was queued before; else how many of this webhook were dropped, this one included
   */
  async admit(webhook: WebhookRef, entry: DeliveryEntry, queueKeys: readonly string[]): Promise<number> {
    const { webhooks, queueMaxWaiting } = this.environment;
    const { log, entries, waiting, dropped } = this.keysOf(webhook);
    const keys = [log, entries, waiting, dropped, ...queueKeys];
    const bounds = [webhooks.maxWaiting, queueMaxWaiting, webhooks.deliveriesKept, LOG_TTL_MS];
    const now = Date.now();
    const args = [entry.id, JSON.stringify(entry), now, now - FORGET_AFTER_MS, ...bounds];
    return Number(await this.redis.eval(ADMIT, keys.length, ...keys, ...args));
  }

  /** @param tried what the state follows from, when it was sent */
  async record(
    webhook: WebhookRef,
    deliveryId: string,
    state: DeliveryState,
    tried?: DeliveryTry,
  ): Promise<void> {
    const { log, entries, waiting } = this.keysOf(webhook);
    const isOver = state.status === 'delivered' || state.status === 'dead';
    const attempt = tried ? JSON.stringify(tried) : '';
    const args = [
      deliveryId,
      JSON.stringify(state),
      attempt,
      TRIES_KEPT,
      Date.now(),
      isOver ? '1' : '0',
      LOG_TTL_MS,
    ];
    await this.redis.eval(RECORD, 3, entries, waiting, log, ...args);
  }

  /** Newest first. @param after id of the delivery before the page; one that is not kept any more has none after it */
  async page(webhook: WebhookRef, size: number, after = ''): Promise<Delivery[]> {
    const { log, entries } = this.keysOf(webhook);
    const [ids, fields] = (await this.redis.eval(PAGE, 2, log, entries, after, size)) as [string[], string[]];
    return ids.map((_, index) => toDelivery(fields.slice(3 * index, 3 * index + 3)));
  }

  /** @returns undefined for one that is not there, or not kept any more */
  async find(webhook: WebhookRef, deliveryId: string): Promise<DeliveryEntry | undefined> {
    const entry = await this.redis.hget(this.keysOf(webhook).entries, deliveryId);
    return entry === null ? undefined : (JSON.parse(entry) as DeliveryEntry);
  }

  /** How many events were dropped lately, since too many waited. */
  async dropped(webhook: WebhookRef): Promise<number> {
    return Number((await this.redis.get(this.keysOf(webhook).dropped)) ?? 0);
  }

  private keysOf(webhook: WebhookRef): WebhookKeys {
    return webhookKeys(this.environment.redis.prefix, webhook);
  }
}

function toDelivery([entry = '', state = '', tries = '']: string[]): Delivery {
  return {
    ...(JSON.parse(entry) as DeliveryEntry),
    ...(state === '' ? { status: 'pending' as const } : (JSON.parse(state) as DeliveryState)),
    attempts: tries
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as DeliveryTry),
  };
}
