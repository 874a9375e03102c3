import { Module } from '@nestjs/common';
import { QueueRoutesModule } from '../queue/queue-routes.module';
import { SystemStatusController } from './system-status.controller';
import { SystemStatusReader } from './system-status';

@Module({
  imports: [QueueRoutesModule],
  controllers: [SystemStatusController],
  providers: [SystemStatusReader],
})
export class SystemStatusModule {}
