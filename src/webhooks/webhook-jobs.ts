import type { JobsOptions } from 'bullmq';
import { v5 } from 'uuid';
import type { CloudEvent } from '../events/customer-events';
import type { JobVersions } from '../queue/job-versions';

/** Stored in Redis: renaming it strands what is queued. */
export const WEBHOOK_QUEUE = 'webhook.deliveries';
export const DELIVER_WEBHOOK = 'DELIVER_WEBHOOK';

/** Which step of this contract a worker must know: docs/operations.md. */
export const WEBHOOK_JOB_VERSIONS = { [DELIVER_WEBHOOK]: 1 } as const satisfies JobVersions;

/** One event on its way to one webhook. Where it goes, and how it is signed, is looked up at each try. */
export interface DeliverWebhook {
  tenantId: string;
  requestId: string;
  webhookId: string;
  deliveryId: string;
  event: CloudEvent;
}

/** What a delivery comes to that needs no more tries; all else is thrown. */
export type DeliveryOutcome =
  | { outcome: 'delivered'; status: number }
  /** Deleted meanwhile. */
  | { outcome: 'webhook-gone' }
  /** Disabled meanwhile, or by this answer. */
  | { outcome: 'webhook-disabled' };

const DAY_S = 24 * 3_600;

/** A failed job is a dead letter, as of any queue. What is kept of the others can be sent again. */
export const DELIVERY_OPTIONS = {
  backoff: { type: 'custom' },
  stackTraceLimit: 1,
  removeOnComplete: { age: 3 * DAY_S, count: 20_000 },
} as const satisfies JobsOptions;

/** The same for the same event and webhook: a repeat of the event adds no delivery while the first one is kept. */
export const deliveryIdOf = (webhookId: string, eventId: string): string => v5(eventId, webhookId);
