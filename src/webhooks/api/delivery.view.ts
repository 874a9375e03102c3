import { ApiProperty } from '@nestjs/swagger';
import { iso } from '../../customer/api/iso';
import { EVENT_TYPES } from '../../events/customer-events';
import { type Delivery, DELIVERY_STATUSES, type DeliveryStatus } from '../delivery';

class DeliveryAttemptView {
  @ApiProperty({ type: String, format: 'date-time' }) at: string;
  @ApiProperty({ type: 'integer', nullable: true, description: 'HTTP status of the answer.' }) status:
    number | null;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'timeout',
    description: 'Why there was no answer.',
  })
  error: string | null;
  @ApiProperty({ type: 'integer' }) durationMs: number;
}

export class DeliveryView {
  @ApiProperty({ type: String, format: 'uuid' }) id: string;
  @ApiProperty({ type: String, description: '`id` of the CloudEvent, and `webhook-id` of the request.' })
  eventId: string;
  @ApiProperty({ type: String, enum: EVENT_TYPES }) type: string;
  @ApiProperty({
    type: String,
    enum: DELIVERY_STATUSES,
    description:
      '`pending`: not tried yet. `failed`: tried, and will be again. `dead`: given up, or the webhook was disabled.',
  })
  status: DeliveryStatus;
  @ApiProperty({ type: [DeliveryAttemptView], description: 'The last 20, oldest first.' })
  attempts: DeliveryAttemptView[];
  @ApiProperty({ type: String, format: 'date-time' }) createdAt: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'About then, while `failed`.',
  })
  nextAttemptAt: string | null;
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The delivery that it sends again.',
  })
  replayOf: string | null;
}

export class DeliveryPageView {
  @ApiProperty({ type: [DeliveryView] }) items: DeliveryView[];
  @ApiProperty({ type: String, nullable: true, description: '`cursor` of the next page.' }) nextCursor:
    string | null;
  @ApiProperty({
    type: 'integer',
    description: 'Events of about the last week that were dropped: too many waited.',
  })
  dropped: number;
}

export class DeliveryBegunView {
  @ApiProperty({ type: String, enum: ['pending'] }) status: 'pending';
  @ApiProperty({ type: String, format: 'uuid' }) deliveryId: string;
  @ApiProperty({ type: String }) eventId: string;
}

export const toDeliveryView = (delivery: Delivery): DeliveryView => ({
  id: delivery.id,
  eventId: delivery.eventId,
  type: delivery.type,
  status: delivery.status,
  attempts: delivery.attempts.map(({ at, status = null, error = null, durationMs }) => ({
    at: new Date(at).toISOString(),
    status,
    error,
    durationMs,
  })),
  createdAt: new Date(delivery.createdAt).toISOString(),
  nextAttemptAt: iso(delivery.nextAttemptAt),
  replayOf: delivery.replayOf ?? null,
});
