import type { CustomerEventType } from '../events/customer-events';

/** A subscription, as it is stored. */
export interface Webhook {
  id: string;
  tenantId: string;
  url: string;
  /** Events of other types are not sent; empty: of all types. */
  types: CustomerEventType[];
  enabled: boolean;
  /** Why the service disabled it; null when it did not. */
  disabledReason: string | null;
  description: string | null;
  /** `whsec_` and base64 */
  secret: string;
  /** The one before, which signs too for a while. */
  previousSecret: { secret: string; untilMs: number } | null;
  /** ms since 1970 */
  createdAt: number;
  updatedAt: number;
}

export type WebhookRef = Pick<Webhook, 'id' | 'tenantId'>;
