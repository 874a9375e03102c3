import { IsOptional, Matches } from 'class-validator';
import { PageLimit } from '../../http/page-limit';

/** Of the delayed jobs. */
export class ListSchedulesQuery {
  @PageLimit()
  limit = 50;

  /** The `nextCursor` of the page before. */
  @IsOptional()
  @Matches(/^\d{1,16}-\d{1,4}$/, { message: 'expected a nextCursor' })
  cursor?: string;
}
