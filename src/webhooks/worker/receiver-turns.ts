import { Injectable } from '@nestjs/common';
import { Environment } from '../../config/environment';

/** Of the deliveries that a process has under way, what one webhook may have. */
const SHARE = 0.1;
/** And what all slow ones may have together: the rest is for those that answer. */
const SLOW_SHARE = 0.5;
/** And all of one tenant: of a receiver that was never asked nobody knows that it hangs. */
const TENANT_SHARE = 0.5;
/** A receiver that takes longer is slow, in ms. */
const SLOW_MS = 2_000;
const MIN_WAIT_MS = 100;
const MAX_WAIT_MS = 60_000;
/** Receivers that are remembered beside those that are busy. */
const MAX_REMEMBERED = 10_000;

interface Receiver {
  active: number;
  /** How long its answers take, the last ones most, in ms. */
  tookMs: number;
  /** When those that were told to wait are through, in ms. */
  freeAtMs: number;
}

/** A delivery may go on; or it comes again later. */
export type Turn = { end: (durationMs: number) => void } | { waitMs: number };

/**
 * Sees to it that a receiver that hangs holds up nobody else: each has a few deliveries under way, and all that are slow
 * have half of them, as all of one tenant have. Who has to wait is told for how long, by the pace of its receiver, so that what waits does not ask
 * all the time.
 */
@Injectable()
export class ReceiverTurns {
  private readonly receivers = new Map<string, Receiver>();
  /** How many each tenant has under way. */
  private readonly tenants = new Map<string, number>();
  private readonly most: number;
  private readonly mostSlow: number;
  private readonly mostOfTenant: number;
  private slowActive = 0;

  constructor({ webhooks }: Environment) {
    this.most = Math.max(1, Math.floor(webhooks.atOnce * SHARE));
    this.mostSlow = Math.max(1, Math.floor(webhooks.atOnce * SLOW_SHARE));
    this.mostOfTenant = Math.max(1, Math.floor(webhooks.atOnce * TENANT_SHARE));
  }

  take(webhookId: string, tenantId: string, nowMs = Date.now()): Turn {
    const receiver = this.receivers.get(webhookId) ?? { active: 0, tookMs: 0, freeAtMs: 0 };
    this.receivers.set(webhookId, receiver);
    const isSlow = receiver.tookMs > SLOW_MS;
    const ofTenant = this.tenants.get(tenantId) ?? 0;
    const hasTurn = receiver.active < this.most && ofTenant < this.mostOfTenant;
    if (!hasTurn || (isSlow && this.slowActive >= this.mostSlow))
      return { waitMs: this.wait(receiver, nowMs) };
    receiver.active += 1;
    this.count(tenantId, 1);
    if (isSlow) this.slowActive += 1;
    const end = (durationMs: number): void => {
      receiver.active -= 1;
      this.count(tenantId, -1);
      if (isSlow) this.slowActive -= 1;
      receiver.tookMs = receiver.tookMs === 0 ? durationMs : (receiver.tookMs + durationMs) / 2;
      if (receiver.active === 0 && this.receivers.size > MAX_REMEMBERED) this.receivers.delete(webhookId);
    };
    return { end };
  }

  private count(tenantId: string, change: 1 | -1): void {
    const active = (this.tenants.get(tenantId) ?? 0) + change;
    if (active === 0) this.tenants.delete(tenantId);
    else this.tenants.set(tenantId, active);
  }

  /** Those that wait are served one after the other, as the receiver answers. */
  private wait(receiver: Receiver, nowMs: number): number {
    const next = Math.max(receiver.freeAtMs + receiver.tookMs / this.most, nowMs + MIN_WAIT_MS);
    receiver.freeAtMs = Math.min(next, nowMs + MAX_WAIT_MS);
    const waitMs = receiver.freeAtMs - nowMs;
    // At the far end they would all come back in one moment.
    return Math.ceil(waitMs < MAX_WAIT_MS ? waitMs : MAX_WAIT_MS * (0.5 + Math.random() / 2));
  }
}
