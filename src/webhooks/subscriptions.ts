import { Injectable } from '@nestjs/common';
import type { CustomerEventType } from '../events/customer-events';
import { Remembered } from '../timing/remembered';
import { WebhookStore } from './webhook-store';

/** How late an event may find a webhook that was made or changed; and of how many tenants they are kept. */
const REMEMBERED = { forMs: 2_000, most: 10_000 };

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
  private readonly known = new Remembered((tenantId) => this.ask(tenantId), REMEMBERED);

  constructor(private readonly store: WebhookStore) {}

  /** @returns ids of the webhooks that want events of this type @throws when Redis does not answer */
  async wanting(tenantId: string, type: CustomerEventType): Promise<string[]> {
    const webhooks = await this.known.of(tenantId);
    return webhooks.filter(({ types }) => types.size === 0 || types.has(type)).map(({ id }) => id);
  }

  /** This process asks anew. */
  forget(tenantId: string): void {
    this.known.forget(tenantId);
  }

  private async ask(tenantId: string): Promise<Subscription[]> {
    const webhooks = await this.store.list(tenantId);
    return webhooks.filter(({ enabled }) => enabled).map(({ id, types }) => ({ id, types: new Set(types) }));
  }
}
