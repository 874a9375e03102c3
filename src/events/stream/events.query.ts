import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsOptional } from 'class-validator';
import { EVENT_TYPES } from '../customer-events';

const ONE_TYPE = `(${EVENT_TYPES.map((type) => type.replaceAll('.', String.raw`\.`)).join('|')})`;

export class EventsQuery {
  @ApiProperty({
    type: String,
    required: false,
    pattern: `^${ONE_TYPE}(,${ONE_TYPE})*$`,
    example: 'customer.created,customer.import.completed',
    description: `Only these, by comma: ${EVENT_TYPES.join(', ')}.`,
  })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @IsIn(EVENT_TYPES, { each: true, message: `expected one or more of ${EVENT_TYPES.join(', ')}` })
  @IsOptional()
  types?: string[];
}
