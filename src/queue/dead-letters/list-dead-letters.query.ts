import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { PageLimit } from '../../http/page-limit';

export class ListDeadLettersQuery {
  @PageLimit()
  limit = 50;

  @ApiProperty({ type: String, required: false, description: 'The `nextCursor` of the page before.' })
  @IsOptional()
  @MaxLength(1024, { message: 'expected a nextCursor' })
  @IsString({ message: 'expected a nextCursor' })
  cursor?: string;
}
