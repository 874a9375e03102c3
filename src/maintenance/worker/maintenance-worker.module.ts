import { Module } from '@nestjs/common';
import { CustomerModelsModule } from '../../customer/customer-models.module';
import { ImportLists } from '../../customer/import/import-lists';
import { CustomerPurge } from '../../customer/purge/customer-purge';
import { CustomerWorkerModule } from '../../customer/worker/customer-worker.module';
import { MaintenanceQueueModule } from '../maintenance-queue.module';
import { CleanImportsHandler } from './clean-imports.handler';
import { MAINTENANCE_HANDLERS, type MaintenanceHandlers } from './maintenance-handler';
import { MaintenanceMetrics } from './maintenance-metrics';
import { MaintenanceRuns } from './maintenance-runs';
import { MaintenanceProcessor } from './maintenance.processor';
import { PurgeDeletedCustomersHandler } from './purge-deleted-customers.handler';
import { ScheduleKeeper } from './schedule-keeper';

/** What a worker does of itself, by the clock. The API role never imports it. */
@Module({
  imports: [CustomerModelsModule, CustomerWorkerModule, MaintenanceQueueModule],
  providers: [
    CleanImportsHandler,
    PurgeDeletedCustomersHandler,
    {
      provide: MAINTENANCE_HANDLERS,
      inject: [PurgeDeletedCustomersHandler, CleanImportsHandler],
      useFactory: (
        purge: PurgeDeletedCustomersHandler,
        cleanImports: CleanImportsHandler,
      ): MaintenanceHandlers => ({ PURGE_DELETED_CUSTOMERS: purge, CLEAN_IMPORTS: cleanImports }),
    },
    CustomerPurge,
    ImportLists,
    MaintenanceMetrics,
    MaintenanceProcessor,
    MaintenanceRuns,
    ScheduleKeeper,
  ],
  exports: [MaintenanceProcessor],
})
export class MaintenanceWorkerModule {}
