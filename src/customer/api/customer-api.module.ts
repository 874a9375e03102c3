import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/audit.module';
import { IdempotencyModule } from '../../http/idempotency/idempotency.module';
import { AcceptanceOrder } from '../../queue/acceptance-order';
import { IntakeModule } from '../../queue/intake.module';
import { CustomerModelsModule } from '../customer-models.module';
import { CustomerReader } from '../customer.reader';
import { AttributeKeys } from '../export/attribute-keys';
import { CustomerExport } from '../export/customer-export';
import { ExportPlaces } from '../export/export-places';
import { ImportCancel } from '../import/cancel/import-cancel';
import { ImportArrivals } from '../import/import-arrivals';
import { ImportIntake } from '../import/import-intake';
import { ImportPreview } from '../import/import-preview';
import { ImportRecords } from '../import/import-records';
import { ImportReports } from '../import/report/import-reports';
import { ImportUndo } from '../import/undo/import-undo';
import { UndoRecords } from '../import/undo/undo-records';
import { UndoReports } from '../import/undo/undo-reports';
import { UploadTurns } from '../import/upload-turns';
import { JobHistoryReader } from '../job-history/job-history.reader';
import { CUSTOMER_QUEUE } from '../jobs/customer.jobs';
import { ChunkQueue } from '../jobs/chunk.queue';
import { CustomerQueue } from '../jobs/customer.queue';
import { FairPlaces } from '../jobs/fair-places';
import { UndoQueue } from '../jobs/undo.queue';
import { CustomerExportController } from './customer-export.controller';
import { CustomerReadController } from './customer-read.controller';
import { CustomerController } from './customer.controller';
import { ImportActsController } from './import-acts.controller';
import { ImportReportController } from './import-report.controller';
import { ImportController } from './import.controller';
import { ImportPreviewController } from './import-preview.controller';
import { JobController } from './job.controller';
import { QueueTestController } from './queue-test.controller';

const customerQueue = BullModule.registerQueue({ name: CUSTOMER_QUEUE });

/** What the API does with customers: checks and queues writes, reads what is there. */
@Module({
  imports: [
    AuditModule,
    CustomerModelsModule,
    IdempotencyModule,
    customerQueue,
    IntakeModule.of(customerQueue, CUSTOMER_QUEUE),
  ],
  controllers: [
    ImportController,
    ImportReportController,
    ImportActsController,
    ImportPreviewController,
    CustomerController,
    CustomerExportController,
    CustomerReadController,
    JobController,
    QueueTestController,
  ],
  providers: [
    AcceptanceOrder,
    AttributeKeys,
    ChunkQueue,
    CustomerExport,
    CustomerQueue,
    CustomerReader,
    ExportPlaces,
    FairPlaces,
    ImportArrivals,
    ImportCancel,
    ImportIntake,
    ImportPreview,
    ImportRecords,
    ImportReports,
    ImportUndo,
    JobHistoryReader,
    UndoQueue,
    UndoRecords,
    UndoReports,
    UploadTurns,
  ],
  exports: [BullModule, CustomerQueue, CustomerReader, JobHistoryReader],
})
export class CustomerApiModule {}
