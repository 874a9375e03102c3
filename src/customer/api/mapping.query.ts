import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';

/** As much as fits into the first line of a request, beside all else. */
const MAX_LENGTH = 8_192;

/** For the field of a query that says what columns fill; see `parseMapping`. */
export const Mapping = () =>
  applyDecorators(
    ApiProperty({
      type: String,
      required: false,
      maxLength: MAX_LENGTH,
      example: '{"E-mail":"email","Plan level":"attributes.plan","Internal":null}',
      description:
        'A JSON object from header of the CSV (case and spaces ignored) to what the column fills: a field (`name`, ' +
        '`email`, `phone`, `address`, `tags`, `totalSpend`, `visits`, `lastVisit`), an attribute ' +
        '(`attributes.<key>`), or nothing (`null` or `ignore`). A column that is not in it goes by its own name.',
    }),
    MaxLength(MAX_LENGTH, { message: `longer than ${MAX_LENGTH} characters` }),
    IsString({ message: 'expected one JSON object' }),
    IsOptional(),
  );

export class MappingQuery {
  @Mapping()
  mapping?: string;
}
