import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, Min, ValidateNested } from 'class-validator';
import { IsInstant } from '../../customer/api/is-instant';
import { ACTS, type Act } from '../../queue/dead-letters/act-store';
import type { DeadLetterFilter } from '../../queue/dead-letters/dead-letter-survey';
import { OptionalText } from '../optional-text';

/** All that is given must be so; nothing means all. */
export class DeadLetterFilterDto {
  /** A group's `error`. */
  @OptionalText() error?: string;
  @OptionalText() type?: string;
  @OptionalText() tenantId?: string;
  /** When it died: ISO 8601. */
  @IsOptional() @IsInstant() from?: string;
  @IsOptional() @IsInstant() to?: string;
}

export class CountDeadLettersDto {
  @IsString({ message: 'expected a text' }) queue: string;

  @IsOptional()
  @ValidateNested()
  @Type(() => DeadLetterFilterDto)
  filter?: DeadLetterFilterDto;
}

export class ActOnDeadLettersDto extends CountDeadLettersDto {
  @IsIn(ACTS, { message: `expected one of ${ACTS.join(', ')}` })
  act: Act;

  /** Jobs a second. */
  @IsOptional()
  @Max(1000, { message: 'larger than 1000' })
  @Min(1, { message: 'less than 1' })
  @IsInt({ message: 'expected a whole number' })
  perSecond?: number;
}

export const toFilter = ({ from, to, ...rest }: DeadLetterFilterDto = {}): DeadLetterFilter => ({
  ...rest,
  fromMs: from === undefined ? undefined : Date.parse(from),
  toMs: to === undefined ? undefined : Date.parse(to),
});
