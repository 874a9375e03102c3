import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsNotEmpty,
  IsString,
  Matches,
  MaxLength,
  ValidateIf,
} from 'class-validator';
import { PRINTABLE_PATTERN } from '../../customer/customer.limits';
import { EVENT_TYPES } from '../../events/customer-events';

const MAX_URL_LENGTH = 2_048;
const MAX_DESCRIPTION_LENGTH = 200;

const optional = (value: unknown): boolean => value !== undefined;

export const UrlField = ({ required }: { required: boolean }) =>
  applyDecorators(
    ApiProperty({
      type: String,
      format: 'uri',
      required,
      maxLength: MAX_URL_LENGTH,
      example: 'https://example.com/webhooks',
      description: 'HTTPS, on the public internet, without user and password.',
    }),
    MaxLength(MAX_URL_LENGTH, { message: `longer than ${MAX_URL_LENGTH} characters` }),
    IsNotEmpty({ message: 'must not be empty' }),
    IsString({ message: 'expected a text' }),
    ValidateIf((_, value: unknown) => required || optional(value)),
  );

export const TypesField = () =>
  applyDecorators(
    ApiProperty({
      type: 'array',
      items: { type: 'string', enum: EVENT_TYPES },
      required: false,
      uniqueItems: true,
      maxItems: EVENT_TYPES.length,
      example: ['customer.created'],
      description: 'Types of the events that are sent; left out or empty: all.',
    }),
    IsIn(EVENT_TYPES, { each: true, message: `expected types of ${EVENT_TYPES.join(', ')}` }),
    ArrayUnique({ message: 'the same type twice' }),
    ArrayMaxSize(EVENT_TYPES.length, { message: `more than ${EVENT_TYPES.length}` }),
    IsArray({ message: 'expected a list' }),
    ValidateIf((_, value: unknown) => optional(value)),
  );

export const DescriptionField = () =>
  applyDecorators(
    ApiProperty({
      type: String,
      nullable: true,
      required: false,
      maxLength: MAX_DESCRIPTION_LENGTH,
      pattern: PRINTABLE_PATTERN.source,
    }),
    Matches(PRINTABLE_PATTERN, { message: 'control characters are not allowed' }),
    MaxLength(MAX_DESCRIPTION_LENGTH, { message: `longer than ${MAX_DESCRIPTION_LENGTH} characters` }),
    IsString({ message: 'expected a text' }),
    ValidateIf((_, value: unknown) => optional(value) && value !== null),
  );
