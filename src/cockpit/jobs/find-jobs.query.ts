import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { applyDecorators } from '@nestjs/common';
import { JOB_STATES, type JobState } from '../../queue/search/job-search';

const MAX_LENGTH = 255;

const Text = () =>
  applyDecorators(
    IsOptional(),
    MaxLength(MAX_LENGTH, { message: `longer than ${MAX_LENGTH} characters` }),
    IsString({ message: 'expected a text' }),
  );

/** All that is given must be so. */
export class FindJobsQuery {
  @Text() jobId?: string;
  @Text() customerId?: string;
  @Text() email?: string;
  @Text() importId?: string;
  @Text() tenantId?: string;
  @Text() requestId?: string;
  @Text() type?: string;
  /** Part of it, in any case. */
  @Text() error?: string;
  @Text() queue?: string;

  @IsOptional()
  @IsIn(JOB_STATES, { message: `expected one of ${JOB_STATES.join(', ')}` })
  state?: JobState;

  @Max(200, { message: 'larger than 200' })
  @Min(1, { message: 'less than 1' })
  @IsInt({ message: 'expected a whole number' })
  @Type(() => Number)
  limit = 50;
}
