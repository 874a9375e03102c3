import { Module } from '@nestjs/common';
import { IdempotencyModule } from '../../http/idempotency/idempotency.module';
import { IntakeModule } from '../../queue/intake.module';
import { WEBHOOK_QUEUE } from '../webhook-jobs';
import { WebhooksModule } from '../webhooks.module';
import { WebhookAdmin } from './webhook-admin';
import { WebhookDeliveriesController } from './webhook-deliveries.controller';
import { WebhookRepeats } from './webhook-repeats';
import { WebhooksController } from './webhooks.controller';

/** The routes of webhooks. */
@Module({
  imports: [WebhooksModule, IdempotencyModule, IntakeModule.of(WebhooksModule, WEBHOOK_QUEUE)],
  controllers: [WebhooksController, WebhookDeliveriesController],
  providers: [WebhookAdmin, WebhookRepeats],
})
export class WebhookApiModule {}
