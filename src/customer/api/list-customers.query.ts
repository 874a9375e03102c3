import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsNotEmpty, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { ChooseCustomersQuery } from './choose-customers.query';

const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 50;

export class ListCustomersQuery extends ChooseCustomersQuery {
  @ApiProperty({ type: 'integer', required: false, minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT })
  @Max(MAX_LIMIT, { message: `larger than ${MAX_LIMIT}` })
  @Min(1, { message: 'less than 1' })
  @IsInt({ message: 'expected a whole number' })
  @Type(() => Number)
  limit: number = DEFAULT_LIMIT;

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
}
