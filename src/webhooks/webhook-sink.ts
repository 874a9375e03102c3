import { Inject, Injectable } from '@nestjs/common';
import type { CloudEvent } from '../events/customer-events';
import type { EventSink } from '../events/event-sink';
import { LOGGER, type Logger } from '../logging/logger';
import { Deliveries } from './deliveries';
import { Subscriptions } from './subscriptions';
import { deliveryIdOf } from './webhook-jobs';

/** Far above what an event has: its texts are bounded at the door. */
const MAX_EVENT_BYTES = 64 * 1024;

/** Takes each event to the webhooks that want it. */
@Injectable()
export class WebhookSink implements EventSink {
  constructor(
    private readonly subscriptions: Subscriptions,
    private readonly deliveries: Deliveries,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws when Redis fails: the event is published again, and no delivery is added twice */
  async take(event: CloudEvent, json: string): Promise<void> {
    const { id: eventId, tenantid: tenantId } = event;
    const webhookIds = await this.subscriptions.wanting(tenantId, event.type);
    if (webhookIds.length === 0) return;
    if (Buffer.byteLength(json) > MAX_EVENT_BYTES) {
      this.logger.error({ eventId, tenantId }, 'An event is too large for webhooks');
      return;
    }
    const begun = webhookIds.map((id) =>
      this.deliveries.begin({ id, tenantId }, { id: deliveryIdOf(id, eventId), event }),
    );
    await Promise.all(begun);
  }
}
