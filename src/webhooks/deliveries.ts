import { InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import { Job, type Queue } from 'bullmq';
import type { CloudEvent } from '../events/customer-events';
import { LOGGER, type Logger } from '../logging/logger';
import { versioned } from '../queue/job-versions';
import { DeliveryLog } from './delivery-log';
import { RETRY_DELAYS } from './retry-delays';
import type { WebhookRef } from './webhook';
import {
  DELIVER_WEBHOOK,
  DELIVERY_OPTIONS,
  type DeliverWebhook,
  WEBHOOK_JOB_VERSIONS,
  WEBHOOK_QUEUE,
} from './webhook-jobs';

/** Where many are dropped, not each one is told of. */
const TELL_EVERY = 1_000;

/** What makes a delivery the one it is. */
interface NewDelivery {
  id: string;
  event: CloudEvent;
  replayOf?: string;
}

/** The way of deliveries onto their queue. */
@Injectable()
export class Deliveries {
  constructor(
    @InjectQueue(WEBHOOK_QUEUE) private readonly queue: Queue<DeliverWebhook>,
    private readonly log: DeliveryLog,
    @Inject(RETRY_DELAYS) private readonly delays: readonly number[],
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Resolves when Redis has the delivery; one that it has already is not added again.
   * @returns false when too many wait, and it was dropped
   */
  async begin(webhook: WebhookRef, { id, event, replayOf }: NewDelivery): Promise<boolean> {
    const replay = replayOf === undefined ? {} : { replayOf };
    const entry = { id, eventId: event.id, type: event.type, createdAt: Date.now(), ...replay };
    // The entry first: a worker may be quicker than this.
    const queueKeys = [id, 'wait', 'prioritized', 'delayed'].map((name) => this.queue.toKey(name));
    const dropped = await this.log.admit(webhook, entry, queueKeys);
    if (dropped < 0) return true;
    if (dropped > 0) {
      this.tellDropped(webhook, dropped);
      return false;
    }
    const payload = {
      tenantId: webhook.tenantId,
      requestId: event.requestid,
      webhookId: webhook.id,
      deliveryId: id,
      event,
    };
    await this.queue.add(DELIVER_WEBHOOK, versioned(payload, WEBHOOK_JOB_VERSIONS[DELIVER_WEBHOOK]), {
      ...DELIVERY_OPTIONS,
      jobId: id,
      attempts: this.delays.length + 1,
    });
    return true;
  }

  /** The event of a delivery. @returns undefined when it is not kept any more */
  async eventOf(deliveryId: string): Promise<CloudEvent | undefined> {
    const job = await Job.fromId<DeliverWebhook>(this.queue, deliveryId);
    return job?.data.event;
  }

  /** Its job was removed: it is not sent any more. */
  async withdrawn({ tenantId, webhookId, deliveryId }: DeliverWebhook): Promise<void> {
    await this.log.record({ id: webhookId, tenantId }, deliveryId, { status: 'dead' });
  }

  private tellDropped({ id, tenantId }: WebhookRef, dropped: number): void {
    if (dropped % TELL_EVERY !== 1) return;
    this.logger.warn({ webhookId: id, tenantId, dropped }, 'Too many deliveries wait: events are dropped');
  }
}
