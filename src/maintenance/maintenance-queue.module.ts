import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { MAINTENANCE_QUEUE } from './maintenance.jobs';

/** The queue, for those who look at it: nobody puts jobs on it but its schedules, and people by hand. */
@Module({
  imports: [BullModule.registerQueue({ name: MAINTENANCE_QUEUE })],
  exports: [BullModule],
})
export class MaintenanceQueueModule {}
