import { Module } from '@nestjs/common';
import { SystemStatusController } from './system-status.controller';
import { SystemStatusReader } from './system-status';

@Module({
  controllers: [SystemStatusController],
  providers: [SystemStatusReader],
})
export class SystemStatusModule {}
