import { BullModule, getQueueToken } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Environment } from '../../config/environment';
import { LOGGER, type Logger } from '../../logging/logger';
import { AcceptanceOrder } from '../../queue/acceptance-order';
import { HealthModule } from '../../monitoring/health.module';
import { Liveness } from '../../monitoring/liveness';
import { WorkerPulse } from '../../monitoring/worker-pulse';
import { CustomerModelsModule } from '../customer-models.module';
import { CustomerStatsRepository } from '../customer-stats.repository';
import { CustomerRepository } from '../customer.repository';
import { ERASE_PROVIDERS } from '../erase/erase-providers';
import { WebhooksModule } from '../../webhooks/webhooks.module';
import { BulkWriter } from '../import/bulk-writer';
import { ChunkGate } from '../import/chunk-gate';
import { ExistingCustomers } from '../import/existing-customers';
import { RowUpdates } from '../import/row-updates';
import { WriteTurns } from '../import/write-turns';
import { ChunkWriter } from '../import/chunk-writer';
import { Rehearsal } from '../import/rehearsal/rehearsal';
import { RehearsedCustomers } from '../import/rehearsal/rehearsed-customers';
import { ImportReports } from '../import/report/import-reports';
import { ChangeLog } from '../import/undo/change-log';
import { ImportArrivals } from '../import/import-arrivals';
import { ImportProgress } from '../import/import-progress';
import { ImportRecords } from '../import/import-records';
import { OvertakenRows } from '../import/overtaken-rows';
import { UndoRecords } from '../import/undo/undo-records';
import { UndoReports } from '../import/undo/undo-reports';
import { UndoWriter } from '../import/undo/undo-writer';
import { JobHistory } from '../job-history/job-history';
import { CUSTOMER_QUEUE } from '../jobs/customer.jobs';
import { AttemptReports } from './attempt-reports';
import { ChunkSequence } from './chunk-sequence';
import { ChunkTurn } from './chunk-turn';
import { ChunkUndo } from './chunk-undo';
import { ProcessLoad } from './concurrency/process-load';
import { WorkerConcurrency } from './concurrency/worker-concurrency';
import { WorkerLooks } from './concurrency/worker-looks';
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
import { StalledJobs } from './stalled-jobs';
import { TestQueueHandler } from './test-queue.handler';
import { UndoImportHandler } from './undo-import.handler';
import { UndoTurn } from './undo-turn';
import { UpdateCustomerStatsHandler } from './update-customer-stats.handler';
import { UpdateCustomerHandler } from './update-customer.handler';

const HANDLER_CLASSES = [
  CreateCustomerHandler,
  UpdateCustomerHandler,
  DeleteCustomerHandler,
  UpdateCustomerStatsHandler,
  ImportChunkHandler,
  UndoImportHandler,
  TestQueueHandler,
] as const;

/** What a worker does with customers. The API role never imports it. */
@Module({
  imports: [
    HealthModule,
    CustomerModelsModule,
    BullModule.registerQueue({ name: CUSTOMER_QUEUE }),
    WebhooksModule,
  ],
  providers: [
    ...HANDLER_CLASSES,
    ...ERASE_PROVIDERS,
    {
      provide: HANDLERS,
      inject: [...HANDLER_CLASSES],
      useFactory: (
        create: CreateCustomerHandler,
        update: UpdateCustomerHandler,
        remove: DeleteCustomerHandler,
        updateStats: UpdateCustomerStatsHandler,
        importChunk: ImportChunkHandler,
        undoImport: UndoImportHandler,
        testQueue: TestQueueHandler,
      ): Handlers => ({
        CREATE_CUSTOMER: create,
        UPDATE_CUSTOMER: update,
        DELETE_CUSTOMER: remove,
        UPDATE_CUSTOMER_STATS: updateStats,
        BULK_IMPORT_CUSTOMERS: importChunk,
        UNDO_IMPORT: undoImport,
        TEST_QUEUE: testQueue,
      }),
    },
    AcceptanceOrder,
    AttemptReports,
    BulkWriter,
    ChangeLog,
    ChunkGate,
    ChunkSequence,
    ChunkTurn,
    ChunkWriter,
    ChunkUndo,
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
    ImportReports,
    JobAttempts,
    JobHistory,
    JobOutcomes,
    JobRuns,
    JobTurns,
    OvertakenRows,
    ProcessLoad,
    Rehearsal,
    RehearsedCustomers,
    StalledJobs,
    UndoRecords,
    UndoReports,
    UndoTurn,
    UndoWriter,
    RowUpdates,
    WriteTurns,
    WorkerConcurrency,
    WorkerLooks,
    {
      provide: WorkerPulse,
      inject: [getQueueToken(CUSTOMER_QUEUE), Environment, Liveness, LOGGER],
      useFactory: (...parts: [Queue, Environment, Liveness, Logger]) => new WorkerPulse(...parts),
    },
  ],
  exports: [BullModule, CustomerIndexes, CustomerProcessor, WorkerConcurrency, WorkerPulse],
})
export class CustomerWorkerModule {}
