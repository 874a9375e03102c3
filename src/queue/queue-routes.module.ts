import { Module } from '@nestjs/common';
import { JobTimesReader } from './job-times';
import { QueueInspector } from './queue-inspector';
import { QueueController } from './queue.controller';
import { RedisStatusReader } from './redis-status';

/** `/api/queue/*`, over whatever queues the process has. */
@Module({
  controllers: [QueueController],
  providers: [JobTimesReader, QueueInspector, RedisStatusReader],
  exports: [RedisStatusReader],
})
export class QueueRoutesModule {}
