import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsNotEmpty,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { IfGiven } from '../../http/if-given';
import { OptionalBody } from '../../http/validation';

const MAX_JOBS = 1000;
const MAX_ID_LENGTH = 255;

@OptionalBody()
export class RetryDeadLettersDto {
  @ApiProperty({
    type: 'array',
    items: { type: 'string', minLength: 1, maxLength: MAX_ID_LENGTH },
    required: false,
    minItems: 1,
    maxItems: MAX_JOBS,
    description: 'Left out: all that are dead now.',
  })
  @IfGiven()
  @IsNotEmpty({ each: true, message: 'must not be empty' })
  @MaxLength(MAX_ID_LENGTH, { each: true, message: `longer than ${MAX_ID_LENGTH} characters` })
  @IsString({ each: true, message: 'expected texts' })
  @ArrayMaxSize(MAX_JOBS, { message: `more than ${MAX_JOBS}` })
  @ArrayMinSize(1, { message: 'expected one at least' })
  @IsArray({ message: 'expected a list' })
  jobIds?: string[];

  @ApiProperty({
    type: 'integer',
    required: false,
    minimum: 1,
    maximum: 1000,
    description: 'Jobs a second; `DEAD_LETTER_REPLAY_PER_SECOND` where it is left out.',
  })
  @IfGiven()
  @Max(1000, { message: 'larger than 1000' })
  @Min(1, { message: 'less than 1' })
  @IsInt({ message: 'expected a whole number' })
  perSecond?: number;
}
