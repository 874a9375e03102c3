import { ApiProperty } from '@nestjs/swagger';
import { EVENT_TYPES } from '../../events/customer-events';
import type { Webhook } from '../webhook';

export class WebhookView {
  @ApiProperty({ type: String, format: 'uuid' }) id: string;
  @ApiProperty({ type: String, format: 'uri' }) url: string;
  @ApiProperty({
    type: 'array',
    items: { type: 'string', enum: EVENT_TYPES },
    description: 'Types of the events that are sent; empty: all.',
  })
  types: string[];
  @ApiProperty({ type: Boolean }) enabled: boolean;
  @ApiProperty({ type: String, nullable: true, description: 'Why the service disabled it, when it did.' })
  disabledReason: string | null;
  @ApiProperty({ type: String, nullable: true }) description: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Until then deliveries are signed with the secret before this one too.',
  })
  previousSecretUntil: string | null;
  @ApiProperty({ type: String, format: 'date-time' }) createdAt: string;
  @ApiProperty({ type: String, format: 'date-time' }) updatedAt: string;
}

const SECRET = {
  type: String,
  example: 'whsec_…',
  description: 'Verifies signatures. Shown this once: keep it.',
};

export class NewWebhookView extends WebhookView {
  @ApiProperty(SECRET) secret: string;
}

export class ChangedWebhookView extends WebhookView {
  @ApiProperty({ ...SECRET, required: false, description: `With \`rotateSecret\`. ${SECRET.description}` })
  secret?: string;
}

export class WebhooksView {
  @ApiProperty({ type: [WebhookView] }) items: WebhookView[];
}

export class WebhookGoneView {
  @ApiProperty({ type: String, format: 'uuid' }) id: string;
}

export function toWebhookView(webhook: Webhook, nowMs: number): WebhookView {
  const { id, url, types, enabled, disabledReason, description, previousSecret, createdAt, updatedAt } =
    webhook;
  return {
    id,
    url,
    types,
    enabled,
    disabledReason,
    description,
    previousSecretUntil:
      previousSecret && previousSecret.untilMs > nowMs
        ? new Date(previousSecret.untilMs).toISOString()
        : null,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}
