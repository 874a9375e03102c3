import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsOptional } from 'class-validator';
import { EVENT_TYPES } from '../customer-events';

export class EventsQuery {
  @ApiProperty({
    type: String,
    required: false,
    example: 'customer.created,customer.import.completed',
    description: `Only these, by comma: ${EVENT_TYPES.join(', ')}.`,
  })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @IsIn(EVENT_TYPES, { each: true, message: `expected one or more of ${EVENT_TYPES.join(', ')}` })
  @IsOptional()
  types?: string[];
}
