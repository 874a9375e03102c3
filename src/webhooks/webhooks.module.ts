import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import type { SinkOwner } from '../events/events.module';
import type { QueueOwner } from '../queue/queues.module';
import { Deliveries } from './deliveries';
import { DeliveryLog } from './delivery-log';
import { DEFAULT_RETRY_DELAYS, RETRY_DELAYS } from './retry-delays';
import { Subscriptions } from './subscriptions';
import { RESOLVE_HOST, resolveHost } from './target/host-resolver';
import { TargetCheck } from './target/target-check';
import { WEBHOOK_QUEUE } from './webhook-jobs';
import { WebhookSink } from './webhook-sink';
import { WebhookStore } from './webhook-store';

/** What both roles have of webhooks: what is stored, and the way of an event onto the queue. */
@Module({
  imports: [BullModule.registerQueue({ name: WEBHOOK_QUEUE })],
  providers: [
    Deliveries,
    DeliveryLog,
    Subscriptions,
    TargetCheck,
    WebhookSink,
    WebhookStore,
    { provide: RETRY_DELAYS, useValue: DEFAULT_RETRY_DELAYS },
    { provide: RESOLVE_HOST, useValue: resolveHost },
  ],
  exports: [
    BullModule,
    Deliveries,
    DeliveryLog,
    RETRY_DELAYS,
    Subscriptions,
    TargetCheck,
    WebhookSink,
    WebhookStore,
  ],
})
export class WebhooksModule {}

export const WEBHOOK_SINK: SinkOwner = { module: WebhooksModule, sink: WebhookSink };

export const WEBHOOK_QUEUES: QueueOwner = { owner: WebhooksModule, queues: [WEBHOOK_QUEUE] };
