import type { CustomerEventType } from '../events/customer-events';

/**
 * `pending`: not tried yet. `failed`: tried, and will be again. `dead`: given up, or its webhook was disabled; a dead
 * letter can be replayed.
 */
export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'dead'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** What does not change of a delivery. */
export interface DeliveryEntry {
  id: string;
  eventId: string;
  type: CustomerEventType;
  /** ms since 1970 */
  createdAt: number;
  /** The delivery that this one sends again. */
  replayOf?: string;
}

/** One time that it was sent. */
export interface DeliveryTry {
  /** ms since 1970 */
  at: number;
  durationMs: number;
  /** Of the answer. */
  status?: number;
  /** Why there was none. */
  error?: string;
}

export interface DeliveryState {
  status: DeliveryStatus;
  /** ms since 1970 */
  nextAttemptAt?: number;
}

export interface Delivery extends DeliveryEntry, DeliveryState {
  attempts: DeliveryTry[];
}
