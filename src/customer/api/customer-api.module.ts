import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { IdempotencyModule } from '../../http/idempotency/idempotency.module';
import { AcceptanceOrder } from '../../queue/acceptance-order';
import { IntakeModule } from '../../queue/intake.module';
import { CustomerModelsModule } from '../customer-models.module';
import { CustomerReader } from '../customer.reader';
import { ImportArrivals } from '../import/import-arrivals';
import { ImportIntake } from '../import/import-intake';
import { ImportPreview } from '../import/import-preview';
import { ImportRecords } from '../import/import-records';
import { JobHistoryReader } from '../job-history/job-history.reader';
import { CUSTOMER_QUEUE } from '../jobs/customer.jobs';
import { ChunkQueue } from '../jobs/chunk.queue';
import { CustomerQueue } from '../jobs/customer.queue';
import { CustomerReadController } from './customer-read.controller';
import { CustomerController } from './customer.controller';
import { ImportController } from './import.controller';
import { ImportPreviewController } from './import-preview.controller';
import { JobController } from './job.controller';
import { QueueTestController } from './queue-test.controller';

const customerQueue = BullModule.registerQueue({ name: CUSTOMER_QUEUE });
/** It shares the process's connection, which others still need when it is closed. */
const customerProducer = BullModule.registerFlowProducer({
  name: CUSTOMER_QUEUE,
  forceDisconnectOnShutdown: false,
});

/** What the API does with customers: checks and queues writes, reads what is there. */
@Module({
  imports: [
    CustomerModelsModule,
    IdempotencyModule,
    customerQueue,
    customerProducer,
    IntakeModule.of(customerQueue, CUSTOMER_QUEUE),
  ],
  controllers: [
    ImportController,
    ImportPreviewController,
    CustomerController,
    CustomerReadController,
    JobController,
    QueueTestController,
  ],
  providers: [
    AcceptanceOrder,
    ChunkQueue,
    CustomerQueue,
    CustomerReader,
    ImportArrivals,
    ImportIntake,
    ImportPreview,
    ImportRecords,
    JobHistoryReader,
  ],
  exports: [BullModule, CustomerQueue],
})
export class CustomerApiModule {}
