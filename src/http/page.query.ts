import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsUUID } from 'class-validator';
import { PageLimit } from './page-limit';

/** A page of what is listed newest first, by ids that are UUIDs. */
export class PageQuery {
  @PageLimit()
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
