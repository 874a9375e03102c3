import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, registerDecorator } from 'class-validator';
import { toInstant } from '../instant';
import { PRIORITIES, type Priority } from '../jobs/customer.jobs';
import type { Placement } from '../jobs/placement';
import { IsInstant } from './is-instant';

/** How far ahead work can be planned. */
const MAX_DELAY_MS = 366 * 24 * 3_600_000;

const IsWithinAYear = (): PropertyDecorator => (target, propertyKey) => {
  registerDecorator({
    name: 'tooFarAhead',
    target: target.constructor,
    propertyName: String(propertyKey),
    validator: {
      validate: (value: unknown) => delayUntil(String(value)) <= MAX_DELAY_MS,
      defaultMessage: () => 'more than a year ahead',
    },
  });
};

/** Query of every write. */
export class PlacementQuery {
  @ApiProperty({
    enum: PRIORITIES,
    required: false,
    default: 'normal',
    description: 'Which waiting work workers take first. A normal import comes behind all single writes.',
  })
  @IsOptional()
  @IsIn(PRIORITIES, { message: `expected one of ${PRIORITIES.join(', ')}` })
  priority?: Priority;

  @ApiProperty({
    type: String,
    format: 'date-time',
    required: false,
    description: 'When to do the work, at most a year ahead; at once when it is past.',
  })
  @IsOptional()
  @IsWithinAYear()
  @IsInstant()
  runAt?: string;
}

export function toPlacement({ priority = 'normal', runAt }: PlacementQuery): Placement {
  return { priority, delayMs: runAt === undefined ? 0 : delayUntil(runAt) };
}

const delayUntil = (instant: string): number =>
  Math.max(0, Date.parse(toInstant(instant) ?? '') - Date.now());
