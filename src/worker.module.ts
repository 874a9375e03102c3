import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { CustomerWorkerModule } from './customer/worker/customer-worker.module';
import { CustomerProcessor } from './customer/worker/customer.processor';
import { CUSTOMER_QUEUE } from './customer/jobs/customer.jobs';
import { EmailProcessor } from './emails/worker/email.processor';
import { EmailsWorkerModule } from './emails/worker/emails-worker.module';
import { EMAIL_QUEUES, EMAIL_SINK } from './emails/emails.module';
import { EventsModule } from './events/events.module';
import { ProblemFilter } from './http/problem.filter';
import { MaintenanceQueueModule } from './maintenance/maintenance-queue.module';
import { MAINTENANCE_QUEUE } from './maintenance/maintenance.jobs';
import { MaintenanceWorkerModule } from './maintenance/worker/maintenance-worker.module';
import { MaintenanceProcessor } from './maintenance/worker/maintenance.processor';
import { HealthModule } from './monitoring/health.module';
import { MetricsModule } from './monitoring/metrics/metrics.module';
import { WorkerReporter } from './monitoring/workers/worker-reporter';
import { WorkerReports } from './monitoring/workers/worker-reports';
import { MongoModule } from './mongo/mongo.module';
import { DeadLetterKeeperModule } from './queue/dead-letters/dead-letter-keeper.module';
import { QueueModule } from './queue/queue.module';
import { QueuesModule } from './queue/queues.module';
import { WorkerStop, type Stoppable } from './queue/worker-stop';
import { WEBHOOK_QUEUES, WEBHOOK_SINK } from './webhooks/webhooks.module';
import { WebhookProcessor } from './webhooks/worker/webhook.processor';
import { WebhookWorkerModule } from './webhooks/worker/webhook-worker.module';

/** Role `worker`: takes jobs off the queues: persists, and sends. Serves its health and its metrics only. */
@Module({
  imports: [
    QueueModule.forRole('worker'),
    MongoModule,
    EventsModule.into(EMAIL_SINK, WEBHOOK_SINK),
    CustomerWorkerModule,
    MaintenanceWorkerModule,
    EmailsWorkerModule,
    WebhookWorkerModule,
    QueuesModule.gather(
      { owner: CustomerWorkerModule, queues: [CUSTOMER_QUEUE] },
      { owner: MaintenanceQueueModule, queues: [MAINTENANCE_QUEUE] },
      EMAIL_QUEUES,
      WEBHOOK_QUEUES,
    ),
    DeadLetterKeeperModule,
    HealthModule,
    MetricsModule.forRole('worker'),
  ],
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    {
      provide: WorkerStop,
      inject: [CustomerProcessor, MaintenanceProcessor, EmailProcessor, WebhookProcessor],
      useFactory: (...workers: Stoppable[]) => new WorkerStop(workers),
    },
    WorkerReports,
    WorkerReporter,
  ],
})
export class WorkerModule {}
