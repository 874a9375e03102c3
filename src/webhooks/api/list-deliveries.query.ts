import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsUUID } from 'class-validator';
import { PageLimit } from '../../http/page-limit';

export class ListDeliveriesQuery {
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
