import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { QueueCountsView } from '../queue/queue.view';
import { PERSISTENCE, type Persistence } from '../queue/redis-facts';
import type { SystemStatus } from './system-status';

class RedisStatusView {
  @ApiProperty({
    type: String,
    enum: ['healthy', 'degraded', 'unhealthy'],
    description:
      '`degraded`: it answers, but takes no writes, or will soon take none, or has no replica where ACK_DURABILITY asks for one. `unhealthy`: it does not answer.',
  })
  status: 'healthy' | 'degraded' | 'unhealthy';
  @ApiProperty({
    type: [String],
    example: ['Redis is out of memory and refuses writes: give it more (maxmemory)'],
    description: 'What is wrong with it, in words, and what to set.',
  })
  problems: string[];
  @ApiProperty({ type: String, format: 'date-time' }) timestamp: string;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'Bytes. Null while Redis is unhealthy, as all below.',
  })
  usedMemory: number | null;
  @ApiProperty({ type: 'integer', nullable: true, description: 'Bytes; 0 for no limit.' }) maxMemory:
    number | null;
  @ApiProperty({
    type: String,
    enum: PERSISTENCE,
    nullable: true,
    description: 'What survives a restart of Redis.',
  })
  persistence: Persistence | null;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'everysec',
    description: 'When the append-only file goes to the disk. Null too where Redis does not tell.',
  })
  appendfsync: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'noeviction',
    description: 'Anything but `noeviction` may lose jobs.',
  })
  evictionPolicy: string | null;
}

class MongoStatusView {
  @ApiProperty({ type: String, enum: ['connected', 'disconnected'] }) status: 'connected' | 'disconnected';
}

@ApiExtraModels(QueueCountsView)
export class SystemStatusView implements SystemStatus {
  @ApiProperty({ type: RedisStatusView }) redis: RedisStatusView;
  @ApiProperty({ type: MongoStatusView }) mongodb: MongoStatusView;

  @ApiProperty({
    type: 'object',
    additionalProperties: { $ref: getSchemaPath(QueueCountsView) },
    description: 'By name of the queue. Empty while Redis is unhealthy.',
  })
  queues: Record<string, QueueCountsView>;

  @ApiProperty({
    type: 'object',
    properties: {
      workers: { type: 'integer', description: 'Connected workers: each takes jobs of every queue.' },
    },
    required: ['workers'],
    selfRequired: true,
    additionalProperties: { type: 'string', enum: ['running', 'stopped'] },
    example: { customer: 'running', maintenance: 'running', workers: 2 },
    description:
      'By area, whether each of its queues has a connected worker. Stopped while Redis is unhealthy.',
  })
  consumers: SystemStatus['consumers'];
}
