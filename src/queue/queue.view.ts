import { ApiProperty } from '@nestjs/swagger';
import type { QueueCounts } from './queue-counts';

export class RedisHealthView {
  @ApiProperty({ type: String, enum: ['healthy'] }) status: 'healthy';
  @ApiProperty({ type: Number, example: 0.42, description: 'How long Redis took to answer.' })
  latencyMs: number;
  @ApiProperty({ type: String, format: 'date-time' }) timestamp: string;
}

/** Each job counts in exactly one state. */
export class QueueCountsView implements QueueCounts {
  @ApiProperty({ type: 'integer', description: 'Ready, and taken in the order of their arrival.' })
  pending: number;
  @ApiProperty({ type: 'integer', description: 'Being worked on.' }) active: number;
  @ApiProperty({ type: 'integer', description: 'Planned for later, or waiting for their next attempt.' })
  delayed: number;
  @ApiProperty({ type: 'integer', description: 'Ready, and taken by priority after all pending ones.' })
  prioritized: number;
  @ApiProperty({ type: 'integer', description: 'Done, and still kept.' }) completed: number;
  @ApiProperty({ type: 'integer', description: 'Given up, and still kept.' }) failed: number;
  @ApiProperty({ type: 'integer', description: 'Sum of all others.' }) total: number;
}
