import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsIn } from 'class-validator';
import { EMAIL_EVENT_TYPES, type EmailEventType } from '../email-jobs';
import { ArePlainAddresses, MAX_ADDRESSES } from './plain-addresses';

/** Each once. */
const distinct = (value: unknown): unknown => (Array.isArray(value) ? [...new Set<unknown>(value)] : value);
const trimmed = (value: unknown): unknown => (typeof value === 'string' ? value.trim() : value);

export class EmailSettingsDto {
  @ApiProperty({
    type: 'array',
    items: { type: 'string', format: 'email' },
    minItems: 1,
    maxItems: MAX_ADDRESSES,
    example: ['ops@example.com'],
    description: 'Who is told; all see each other’s address.',
  })
  @Transform(({ value }) => distinct(Array.isArray(value) ? value.map(trimmed) : value))
  @ArePlainAddresses()
  @ArrayMaxSize(MAX_ADDRESSES, { message: `more than ${MAX_ADDRESSES} addresses` })
  @ArrayNotEmpty({ message: 'expected an address; DELETE turns e-mails off' })
  @IsArray({ message: 'expected a list of addresses' })
  to: string[];

  @ApiProperty({
    type: 'array',
    items: { type: 'string', enum: [...EMAIL_EVENT_TYPES] },
    minItems: 1,
    example: ['customer.import.completed', 'customer.import.failed'],
    description: 'Of what.',
  })
  @Transform(({ value }) => distinct(value))
  @IsIn(EMAIL_EVENT_TYPES, { each: true, message: `expected types of ${EMAIL_EVENT_TYPES.join(', ')}` })
  @ArrayNotEmpty({ message: 'expected a type; DELETE turns e-mails off' })
  @IsArray({ message: 'expected a list of types' })
  types: EmailEventType[];
}
