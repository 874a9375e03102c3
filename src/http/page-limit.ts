import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

/** For the field of a list's query that says how many things a page has; its default is the field's own. */
export const PageLimit = () =>
  applyDecorators(
    ApiProperty({ type: 'integer', required: false, minimum: 1, maximum: 200, default: 50 }),
    Max(200, { message: 'larger than 200' }),
    Min(1, { message: 'less than 1' }),
    IsInt({ message: 'expected a whole number' }),
    Type(() => Number),
  );
