import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';

export class ListImportsQuery {
  @ApiProperty({ type: 'integer', required: false, minimum: 1, maximum: 200, default: 50 })
  @Max(200, { message: 'larger than 200' })
  @Min(1, { message: 'less than 1' })
  @IsInt({ message: 'expected a whole number' })
  @Type(() => Number)
  limit = 50;

  @ApiProperty({
    type: String,
    format: 'uuid',
    required: false,
    description: 'The `nextCursor` of the page before.',
  })
  @IsOptional()
  @IsUUID('all', { message: 'expected a nextCursor' })
  cursor?: string;
}
