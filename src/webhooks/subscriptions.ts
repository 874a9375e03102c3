import { Injectable } from '@nestjs/common';
import type { CustomerEventType } from '../events/customer-events';
import { WebhookStore } from './webhook-store';

/** How late an event may find a webhook that was made or changed, in ms. */
const KNOWN_FOR_MS = 2_000;
/** Tenants that are remembered; the one asked for first goes first. */
const MAX_TENANTS = 10_000;

interface Known {
  askedAtMs: number;
  webhooks: Promise<Subscription[]>;
}
interface Subscription {
  id: string;
  /** Empty: all. */
  types: ReadonlySet<CustomerEventType>;
}

/**
 * Which enabled webhooks a tenant has, as of at most two seconds ago: so that events of tenants without one, which are
 * nearly all, cost nothing.
 */
@Injectable()
export class Subscriptions {
  private readonly known = new Map<string, Known>();

  constructor(private readonly store: WebhookStore) {}

  /** @returns ids of the webhooks that want events of this type @throws when Redis does not answer */
  async wanting(tenantId: string, type: CustomerEventType): Promise<string[]> {
    const webhooks = await this.of(tenantId);
    return webhooks.filter(({ types }) => types.size === 0 || types.has(type)).map(({ id }) => id);
  }

  /** This process asks anew. */
  forget(tenantId: string): void {
    this.known.delete(tenantId);
  }

  private of(tenantId: string): Promise<Subscription[]> {
    const known = this.known.get(tenantId);
    if (known && performance.now() - known.askedAtMs < KNOWN_FOR_MS) return known.webhooks;
    this.known.delete(tenantId);
    const asked = { askedAtMs: performance.now(), webhooks: this.ask(tenantId) };
    this.known.set(tenantId, asked);
    const [oldest] = this.known.keys();
    if (this.known.size > MAX_TENANTS && oldest !== undefined) this.known.delete(oldest);
    // Who asks next asks again; who asked now is told.
    asked.webhooks.catch(() => {
      if (this.known.get(tenantId) === asked) this.known.delete(tenantId);
    });
    return asked.webhooks;
  }

  private async ask(tenantId: string): Promise<Subscription[]> {
    const webhooks = await this.store.list(tenantId);
    return webhooks.filter(({ enabled }) => enabled).map(({ id, types }) => ({ id, types: new Set(types) }));
  }
}
