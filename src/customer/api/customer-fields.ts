import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsEmail,
  IsNotEmpty,
  IsString,
  Matches,
  MaxLength,
  ValidateIf,
} from 'class-validator';
import { CUSTOMER_LIMITS, PHONE_PATTERN, PRINTABLE_PATTERN, VISIBLE_PATTERN } from '../customer.limits';
import { ATTRIBUTE_KEY_PATTERN, RESERVED_KEYS } from '../attribute-key';
import { IsAttributes } from './attributes';

/** How a body uses a field: left out, or `null` to remove what is stored. */
export interface FieldUse {
  optional?: boolean;
  nullable?: boolean;
}

/** One field of a body: its schema for the document, its rules for the check. The last rule is checked first. */
const field = (
  { optional = false, nullable = false }: FieldUse,
  schema: object,
  ...rules: PropertyDecorator[]
) =>
  applyDecorators(
    ApiProperty({ ...schema, required: !optional, ...(nullable && { nullable }) }),
    ValidateIf((_, value: unknown) => !(optional && value === undefined) && !(nullable && value === null)),
    ...rules.toReversed(),
  );

const trimmed = (value: unknown): unknown => (typeof value === 'string' ? value.trim() : value);

const text = (maxLength: number): PropertyDecorator[] => [
  Transform(({ value }) => trimmed(value)),
  Matches(PRINTABLE_PATTERN, { message: 'control characters are not allowed' }),
  MaxLength(maxLength, { message: `longer than ${maxLength} characters` }),
  IsNotEmpty({ message: 'must not be empty' }),
  IsString({ message: 'expected a text' }),
];

export const NameField = (use: FieldUse = {}) =>
  field(
    use,
    {
      type: String,
      minLength: 1,
      maxLength: CUSTOMER_LIMITS.name,
      pattern: VISIBLE_PATTERN.source,
      example: 'Ana Souza',
    },
    ...text(CUSTOMER_LIMITS.name),
  );

export const EmailField = (use: FieldUse = {}) =>
  field(
    use,
    {
      type: String,
      format: 'email',
      maxLength: CUSTOMER_LIMITS.email,
      example: 'ana@example.com',
      description: 'Kept in lower case; belongs to one customer of a tenant.',
    },
    Transform(({ value }) => (typeof value === 'string' ? value.trim().toLowerCase() : (value as unknown))),
    IsEmail({}, { message: 'expected an email address such as ana@example.com' }),
    MaxLength(CUSTOMER_LIMITS.email, { message: `longer than ${CUSTOMER_LIMITS.email} characters` }),
    IsNotEmpty({ message: 'must not be empty' }),
    IsString({ message: 'expected a text' }),
  );

export const PhoneField = (use: FieldUse = {}) =>
  field(
    use,
    {
      type: String,
      minLength: 3,
      maxLength: CUSTOMER_LIMITS.phone,
      pattern: PHONE_PATTERN.source,
      example: '+55 11 5555-0100',
    },
    Transform(({ value }) => trimmed(value)),
    Matches(PHONE_PATTERN, { message: 'expected 3 to 40 digits, spaces and ( ) . / -, after a + or not' }),
    IsString({ message: 'expected a text' }),
  );

export const AddressField = (use: FieldUse = {}) =>
  field(
    use,
    {
      type: String,
      minLength: 1,
      maxLength: CUSTOMER_LIMITS.address,
      pattern: VISIBLE_PATTERN.source,
      example: 'Rua das Flores 12, São Paulo',
    },
    ...text(CUSTOMER_LIMITS.address),
  );

export const TagsField = (use: FieldUse = {}) =>
  field(
    use,
    {
      type: 'array',
      items: {
        type: 'string',
        minLength: 1,
        maxLength: CUSTOMER_LIMITS.tag,
        pattern: VISIBLE_PATTERN.source,
      },
      maxItems: CUSTOMER_LIMITS.tags,
      example: ['vip', 'newsletter'],
    },
    Transform(({ value }) => (Array.isArray(value) ? [...new Set(value.map(trimmed))] : (value as unknown))),
    Matches(PRINTABLE_PATTERN, { each: true, message: 'control characters are not allowed' }),
    MaxLength(CUSTOMER_LIMITS.tag, {
      each: true,
      message: `a tag is longer than ${CUSTOMER_LIMITS.tag} characters`,
    }),
    IsNotEmpty({ each: true, message: 'a tag must not be empty' }),
    IsString({ each: true, message: 'expected a list of texts' }),
    ArrayMaxSize(CUSTOMER_LIMITS.tags, { message: `more than ${CUSTOMER_LIMITS.tags} tags` }),
    IsArray({ message: 'expected a list of texts' }),
  );

export const AttributesField = (use: FieldUse = {}) =>
  field(
    use,
    {
      type: 'object',
      additionalProperties: {
        oneOf: [
          {
            type: 'string',
            maxLength: CUSTOMER_LIMITS.attributeValue,
            pattern: PRINTABLE_PATTERN.source,
          },
          { type: 'number' },
          { type: 'boolean' },
          ...(use.nullable ? [{ type: 'null' }] : []),
        ],
      },
      propertyNames: {
        maxLength: CUSTOMER_LIMITS.attributeKey,
        pattern: ATTRIBUTE_KEY_PATTERN.source,
        not: { enum: RESERVED_KEYS },
      },
      maxProperties: CUSTOMER_LIMITS.attributes,
      example: { plan: 'gold', seats: 12 },
      description: 'Flat; keys must not start with "$" or contain ".".',
    },
    IsAttributes({ nullable: use.nullable ?? false }),
    // As it came: class-transformer leaves out keys that every object has, such as `toString`.
    Transform(({ obj, key }: { obj: Record<string, unknown>; key: string }) => obj[key]),
  );
