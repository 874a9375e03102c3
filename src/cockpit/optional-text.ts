import { applyDecorators } from '@nestjs/common';
import { IsOptional, IsString, MaxLength } from 'class-validator';

const MAX_LENGTH = 255;

/** A field by which something is looked for. */
export const OptionalText = () =>
  applyDecorators(
    IsOptional(),
    MaxLength(MAX_LENGTH, { message: `longer than ${MAX_LENGTH} characters` }),
    IsString({ message: 'expected a text' }),
  );
