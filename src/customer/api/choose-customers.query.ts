import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsNotEmpty, IsOptional, IsString, MaxLength } from 'class-validator';
import { CUSTOMER_LIMITS } from '../customer.limits';
import { SORTS, type Sort } from '../customer.reader';

/** Which customers, and in which order. */
export class ChooseCustomersQuery {
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
