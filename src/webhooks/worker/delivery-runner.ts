import { Injectable } from '@nestjs/common';
import { DelayedError } from 'bullmq';
import type { DeliveryOutcome } from '../webhook-jobs';
import { signatureHeaders } from '../webhook-signature';
import { WebhookStore } from '../webhook-store';
import { checkDelivery, type StoredDelivery } from './delivery-job';
import { DeliveryOutcomes } from './delivery-outcomes';
import { DeliverySender } from './delivery-sender';
import { ReceiverTurns } from './receiver-turns';

/** One try at a delivery, or its waiting for a turn. */
@Injectable()
export class DeliveryRunner {
  constructor(
    private readonly store: WebhookStore,
    private readonly turns: ReceiverTurns,
    private readonly sender: DeliverySender,
    private readonly outcomes: DeliveryOutcomes,
  ) {}

  /**
   * @param stopping gives it up: it is sent again then
   * @throws DelayedError when it has to wait, which uses up no attempt; DeliveryFailed; UnrecoverableError
   */
  async run(stored: StoredDelivery, stopping: AbortSignal): Promise<DeliveryOutcome> {
    const job = checkDelivery(stored);
    const { tenantId, webhookId, event } = job.data;
    const turn = this.turns.take(webhookId, tenantId);
    if ('waitMs' in turn) {
      await job.moveToDelayed(Date.now() + turn.waitMs, job.token);
      throw new DelayedError();
    }
    const startedAt = performance.now();
    try {
      const webhook = await this.store.find(tenantId, webhookId);
      if (!webhook) return this.outcomes.gone(job);
      if (!webhook.enabled) return await this.outcomes.disabled(job);
      const body = JSON.stringify(event);
      const headers = signatureHeaders(webhook, event.id, body, Date.now());
      const sent = await this.sender.send(webhook.url, headers, body, stopping);
      // What was cut off is no answer of the receiver.
      stopping.throwIfAborted();
      return await this.outcomes.ofAnswer(job, sent, webhook.url);
    } finally {
      turn.end(performance.now() - startedAt);
    }
  }

  async lost(job: StoredDelivery): Promise<void> {
    await this.outcomes.lost(checkDelivery(job));
  }
}
