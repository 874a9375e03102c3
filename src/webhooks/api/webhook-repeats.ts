import { ConflictException, GoneException, Injectable, NotFoundException } from '@nestjs/common';
import { type CloudEvent, cloudEvent } from '../../events/customer-events';
import { QueueFull } from '../../queue/queue-full';
import { QueueIntake } from '../../queue/queue-intake';
import { orUnavailable } from '../../queue/queue-unavailable';
import { Deliveries } from '../deliveries';
import { DeliveryLog } from '../delivery-log';
import type { Webhook } from '../webhook';
import { DELIVER_WEBHOOK, deliveryIdOf, WEBHOOK_QUEUE } from '../webhook-jobs';
import type { DeliveryBegunView } from './delivery.view';

/** Too many wait for one webhook: when to come back, in s. */
const RETRY_AFTER_S = 60;

/** Deliveries that somebody asked for, to one webhook. */
@Injectable()
export class WebhookRepeats {
  constructor(
    private readonly deliveries: Deliveries,
    private readonly log: DeliveryLog,
    private readonly intake: QueueIntake,
  ) {}

  /**
   * @param step the same for a repeat of the request
   * @throws ConflictException when it is disabled; QueueFull, QueueUnavailable
   */
  async test(
    webhook: Webhook,
    step: string,
    who: { userId: string; requestId: string },
  ): Promise<DeliveryBegunView> {
    const { id: subject, tenantId } = webhook;
    const { userId, requestId } = who;
    const data = { jobId: step, userId, message: 'A test event of a webhook.' };
    const event = cloudEvent('customer.queue.test', { step, subject, tenantId, requestId }, data);
    return this.begin(webhook, { id: deliveryIdOf(webhook.id, event.id), event });
  }

  /**
   * Sends what a delivery sent, or should have, once more.
   * @param id of the new delivery
   * @throws NotFoundException; GoneException when its event is not kept any more; and as {@link test}
   */
  async replay(webhook: Webhook, deliveryId: string, id: string): Promise<DeliveryBegunView> {
    const entry = await orUnavailable(this.log.find(webhook, deliveryId));
    if (!entry) throw new NotFoundException('This webhook has no delivery with this id, or not any more.');
    const event = await orUnavailable(this.deliveries.eventOf(deliveryId));
    if (!event) throw new GoneException('The event of this delivery is not kept any more.');
    return this.begin(webhook, { id, event, replayOf: deliveryId });
  }

  private async begin(
    webhook: Webhook,
    delivery: { id: string; event: CloudEvent; replayOf?: string },
  ): Promise<DeliveryBegunView> {
    if (!webhook.enabled) throw new ConflictException('The webhook is disabled: enable it first.');
    await this.intake.admit(1);
    if (!(await orUnavailable(this.deliveries.begin(webhook, delivery)))) throw new QueueFull(RETRY_AFTER_S);
    await this.intake.added(WEBHOOK_QUEUE, DELIVER_WEBHOOK, 1);
    return { status: 'pending', deliveryId: delivery.id, eventId: delivery.event.id };
  }
}
