import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { AcceptanceOrder } from '../../queue/acceptance-order';
import { HealthModule } from '../../monitoring/health.module';
import { WorkerPulse } from '../../monitoring/worker-pulse';
import { CustomerModelsModule } from '../customer-models.module';
import { CustomerStatsRepository } from '../customer-stats.repository';
import { CustomerRepository } from '../customer.repository';
import { BulkWriter } from '../import/bulk-writer';
import { ChunkGate } from '../import/chunk-gate';
import { ExistingCustomers } from '../import/existing-customers';
import { RowUpdates } from '../import/row-updates';
import { ChangeLog } from '../import/undo/change-log';
import { ImportArrivals } from '../import/import-arrivals';
import { ImportProgress } from '../import/import-progress';
import { ImportRecords } from '../import/import-records';
import { OvertakenRows } from '../import/overtaken-rows';
import { JobHistory } from '../job-history/job-history';
import { CUSTOMER_QUEUE } from '../jobs/customer.jobs';
import { ChunkTurn } from './chunk-turn';
import { CrashIsolation } from './crash-isolation';
import { CreateCustomerHandler } from './create-customer.handler';
import { CustomerAnnouncer } from './customer-announcer';
import { CustomerIndexes } from './customer-indexes';
import { CustomerProcessor } from './customer.processor';
import { DeleteCustomerHandler } from './delete-customer.handler';
import { HANDLERS, type Handlers } from './handler';
import { ImportChunkHandler } from './import-chunk.handler';
import { JobAttempts } from './job-attempts';
import { JobOutcomes } from './job-outcomes';
import { JobRuns } from './job-runs';
import { JobTurns } from './job-turns';
import { TestQueueHandler } from './test-queue.handler';
import { UpdateCustomerStatsHandler } from './update-customer-stats.handler';
import { UpdateCustomerHandler } from './update-customer.handler';

const HANDLER_CLASSES = [
  CreateCustomerHandler,
  UpdateCustomerHandler,
  DeleteCustomerHandler,
  UpdateCustomerStatsHandler,
  ImportChunkHandler,
  TestQueueHandler,
] as const;

/** What a worker does with customers. The API role never imports it. */
@Module({
  imports: [HealthModule, CustomerModelsModule, BullModule.registerQueue({ name: CUSTOMER_QUEUE })],
  providers: [
    ...HANDLER_CLASSES,
    {
      provide: HANDLERS,
      inject: [...HANDLER_CLASSES],
      useFactory: (
        create: CreateCustomerHandler,
        update: UpdateCustomerHandler,
        remove: DeleteCustomerHandler,
        updateStats: UpdateCustomerStatsHandler,
        importChunk: ImportChunkHandler,
        testQueue: TestQueueHandler,
      ): Handlers => ({
        CREATE_CUSTOMER: create,
        UPDATE_CUSTOMER: update,
        DELETE_CUSTOMER: remove,
        UPDATE_CUSTOMER_STATS: updateStats,
        BULK_IMPORT_CUSTOMERS: importChunk,
        TEST_QUEUE: testQueue,
      }),
    },
    AcceptanceOrder,
    BulkWriter,
    ChangeLog,
    ChunkGate,
    ChunkTurn,
    CrashIsolation,
    CustomerAnnouncer,
    CustomerIndexes,
    CustomerProcessor,
    CustomerRepository,
    CustomerStatsRepository,
    ExistingCustomers,
    ImportArrivals,
    ImportProgress,
    ImportRecords,
    JobAttempts,
    JobHistory,
    JobOutcomes,
    JobRuns,
    JobTurns,
    OvertakenRows,
    RowUpdates,
    WorkerPulse,
  ],
  exports: [BullModule, CustomerProcessor],
})
export class CustomerWorkerModule {}
