import { Module } from '@nestjs/common';
import { WebhooksModule } from '../webhooks.module';
import { DeliveryOutcomes } from './delivery-outcomes';
import { DeliveryRunner } from './delivery-runner';
import { DeliverySender } from './delivery-sender';
import { ReceiverTurns } from './receiver-turns';
import { WebhookProcessor } from './webhook.processor';

/** What a worker does with webhooks: it sends. */
@Module({
  imports: [WebhooksModule],
  providers: [DeliveryOutcomes, DeliveryRunner, DeliverySender, ReceiverTurns, WebhookProcessor],
  exports: [WebhookProcessor],
})
export class WebhookWorkerModule {}
