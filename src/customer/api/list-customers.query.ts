import { ApiProperty } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { CUSTOMER_LIMITS } from '../customer.limits';
import { SORTS, type Sort } from '../customer.reader';

const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 50;

export class ListCustomersQuery {
  @ApiProperty({ type: 'integer', required: false, minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT })
  @Max(MAX_LIMIT, { message: `larger than ${MAX_LIMIT}` })
  @Min(1, { message: 'less than 1' })
  @IsInt({ message: 'expected a whole number' })
  @Type(() => Number)
  limit: number = DEFAULT_LIMIT;

  @ApiProperty({
    enum: SORTS,
    required: false,
    default: '-createdAt',
    description: 'Texts are compared by code point.',
  })
  @IsIn(SORTS, { message: `expected one of ${SORTS.join(', ')}` })
  sort: Sort = '-createdAt';

  @ApiProperty({
    type: String,
    required: false,
    maxLength: 2000,
    description: 'The `nextCursor` of the page before.',
  })
  @IsOptional()
  @MaxLength(2000, { message: 'longer than 2000 characters' })
  @IsNotEmpty({ message: 'must not be empty' })
  @IsString({ message: 'expected one text' })
  cursor?: string;

  @ApiProperty({
    type: String,
    required: false,
    minLength: 1,
    maxLength: 100,
    description: 'Part of a name or an email, in any case.',
  })
  @IsOptional()
  @MaxLength(100, { message: 'longer than 100 characters' })
  @IsNotEmpty({ message: 'must not be empty' })
  @IsString({ message: 'expected one text' })
  search?: string;

  @ApiProperty({
    type: String,
    required: false,
    minLength: 1,
    maxLength: CUSTOMER_LIMITS.email,
    description: 'Exactly this email.',
  })
  @IsOptional()
  @Transform(({ value }) => (typeof value === 'string' ? value.trim().toLowerCase() : (value as unknown)))
  @MaxLength(CUSTOMER_LIMITS.email, { message: `longer than ${CUSTOMER_LIMITS.email} characters` })
  @IsNotEmpty({ message: 'must not be empty' })
  @IsString({ message: 'expected one text' })
  email?: string;

  @ApiProperty({
    type: String,
    required: false,
    minLength: 1,
    maxLength: CUSTOMER_LIMITS.tag,
    description: 'Has this tag.',
  })
  @IsOptional()
  @MaxLength(CUSTOMER_LIMITS.tag, { message: `longer than ${CUSTOMER_LIMITS.tag} characters` })
  @IsNotEmpty({ message: 'must not be empty' })
  @IsString({ message: 'expected one text' })
  tag?: string;
}
