import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

export class ListDeadLettersQuery {
  @ApiProperty({ type: 'integer', required: false, minimum: 1, maximum: 200, default: 50 })
  @Max(200, { message: 'larger than 200' })
  @Min(1, { message: 'less than 1' })
  @IsInt({ message: 'expected a whole number' })
  @Type(() => Number)
  limit = 50;

  @ApiProperty({ type: String, required: false, description: 'The `nextCursor` of the page before.' })
  @IsOptional()
  @MaxLength(1024, { message: 'expected a nextCursor' })
  @IsString({ message: 'expected a nextCursor' })
  cursor?: string;
}
