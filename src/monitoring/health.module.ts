import { Module } from '@nestjs/common';
import { HealthController } from './health.controller';
import { Liveness } from './liveness';
import { Readiness } from './readiness';

@Module({
  controllers: [HealthController],
  providers: [Liveness, Readiness],
  exports: [Liveness, Readiness],
})
export class HealthModule {}
