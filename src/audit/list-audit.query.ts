import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { PageLimit } from '../http/page-limit';

export class ListAuditQuery {
  @PageLimit()
  limit = 50;

  @ApiProperty({ type: String, required: false, description: 'The `nextCursor` of the page before.' })
  @IsOptional()
  @Matches(/^\d{1,16}-\d{1,16}$/, { message: 'expected a nextCursor' })
  cursor?: string;
}
