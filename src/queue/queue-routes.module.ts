import { Module } from '@nestjs/common';
import { JobTimesReader } from './job-times';
import { QueueInspector } from './queue-inspector';
import { QueueController } from './queue.controller';

/** `/api/queue/*`, over whatever queues the process has. */
@Module({
  controllers: [QueueController],
  providers: [JobTimesReader, QueueInspector],
  exports: [QueueInspector],
})
export class QueueRoutesModule {}
