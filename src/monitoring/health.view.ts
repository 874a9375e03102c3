import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Check, ReadinessReport } from './readiness';

export class LiveView {
  @ApiProperty({ type: String, enum: ['live', 'wedged'] }) status: 'live' | 'wedged';
  @ApiPropertyOptional({ type: String, description: 'Why it is not live.' }) problem?: string;
}

export class ReadinessView implements ReadinessReport {
  @ApiProperty({ type: Boolean }) ready: boolean;
  @ApiProperty({ type: Boolean, description: 'Waits for what it needs before its first job.' })
  starting: boolean;
  @ApiProperty({ type: Boolean, description: 'Finishes what is under way, and then stops.' })
  draining: boolean;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string', enum: ['up', 'down'] },
    example: { redis: 'up' },
    description: 'The servers that the role can not work without.',
  })
  checks: Record<string, Check>;
  @ApiPropertyOptional({
    type: String,
    description: 'What keeps it from starting, or from going on, and what to do about it.',
  })
  problem?: string;
}
