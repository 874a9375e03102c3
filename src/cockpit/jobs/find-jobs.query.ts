import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { JOB_STATES, type JobState } from '../../queue/search/job-search';
import { OptionalText } from '../optional-text';

/** All that is given must be so. */
export class FindJobsQuery {
  @OptionalText() jobId?: string;
  @OptionalText() customerId?: string;
  @OptionalText() email?: string;
  @OptionalText() importId?: string;
  @OptionalText() tenantId?: string;
  @OptionalText() requestId?: string;
  @OptionalText() type?: string;
  /** Part of it, in any case. */
  @OptionalText() error?: string;
  @OptionalText() queue?: string;

  @IsOptional()
  @IsIn(JOB_STATES, { message: `expected one of ${JOB_STATES.join(', ')}` })
  state?: JobState;

  @Max(200, { message: 'larger than 200' })
  @Min(1, { message: 'less than 1' })
  @IsInt({ message: 'expected a whole number' })
  @Type(() => Number)
  limit = 50;
}
