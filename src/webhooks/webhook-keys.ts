import type { WebhookRef } from './webhook';

/** Keys in Redis of one webhook. */
export interface WebhookKeys {
  /** Ids of its deliveries, by when they began in ms. */
  log: string;
  /** What is known of each of them. */
  entries: string;
  /** Ids of deliveries that are not over, by when they were last heard of in ms. */
  waiting: string;
  /** Events that were dropped. */
  dropped: string;
}

export function webhookKeys(prefix: string, { id }: Pick<WebhookRef, 'id'>): WebhookKeys {
  const key = (what: string): string => `${prefix}:webhooks:${what}:${id}`;
  return { log: key('log'), entries: key('entries'), waiting: key('waiting'), dropped: key('dropped') };
}

/** Hash of a tenant's webhooks, by id. */
export const webhooksOf = (prefix: string, tenantId: string): string => `${prefix}:webhooks:of:${tenantId}`;
