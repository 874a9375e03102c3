import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { AccessGuard } from './auth/access.guard';
import { AuthModule } from './auth/auth.module';
import { CockpitModule } from './cockpit/cockpit.module';
import { CustomerApiModule } from './customer/api/customer-api.module';
import { CUSTOMER_QUEUE } from './customer/jobs/customer.jobs';
import { EmailsApiModule } from './emails/api/emails-api.module';
import { EMAIL_QUEUES, EMAIL_SINK } from './emails/emails.module';
import { EventsModule } from './events/events.module';
import { EventStreamsModule } from './events/stream/event-streams.module';
import { ProblemFilter } from './http/problem.filter';
import { RateLimits } from './http/limits/rate-limits';
import { RateLimitGuard } from './http/rate-limit.guard';
import { validationPipe } from './http/validation';
import { MaintenanceQueueModule } from './maintenance/maintenance-queue.module';
import { MAINTENANCE_QUEUE } from './maintenance/maintenance.jobs';
import { BoardModule } from './monitoring/board.module';
import { HealthModule } from './monitoring/health.module';
import { MetricsModule } from './monitoring/metrics/metrics.module';
import { SystemStatusModule } from './monitoring/system-status.module';
import { MongoModule } from './mongo/mongo.module';
import { DeadLettersModule } from './queue/dead-letters/dead-letters.module';
import { QueueModule } from './queue/queue.module';
import { QueueRoutesModule } from './queue/queue-routes.module';
import { QueuesModule } from './queue/queues.module';
import { WebhookApiModule } from './webhooks/api/webhook-api.module';
import { WEBHOOK_QUEUES, WEBHOOK_SINK } from './webhooks/webhooks.module';

/** Role `api`: checks, queues, answers; and reads. */
@Module({
  imports: [
    QueueModule.forRole('api'),
    MongoModule,
    EventsModule.into(EMAIL_SINK, WEBHOOK_SINK),
    AuthModule,
    CustomerApiModule,
    EmailsApiModule,
    WebhookApiModule,
    QueuesModule.gather(
      { owner: CustomerApiModule, queues: [CUSTOMER_QUEUE] },
      { owner: MaintenanceQueueModule, queues: [MAINTENANCE_QUEUE] },
      EMAIL_QUEUES,
      WEBHOOK_QUEUES,
    ),
    QueueRoutesModule,
    DeadLettersModule,
    BoardModule,
    CockpitModule,
    EventStreamsModule,
    SystemStatusModule,
    HealthModule,
    MetricsModule.forRole('api'),
  ],
  providers: [
    RateLimits,
    { provide: APP_FILTER, useClass: ProblemFilter },
    // In this order: a tenant is limited only once it is known.
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: RateLimitGuard },
    { provide: APP_PIPE, useFactory: validationPipe },
  ],
})
export class ApiModule {}
