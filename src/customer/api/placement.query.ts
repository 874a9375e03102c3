import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsISO8601, IsOptional, registerDecorator } from 'class-validator';
import { PRIORITIES, type Priority } from '../jobs/customer.jobs';
import type { Placement } from '../jobs/customer.queue';

/** How far ahead work can be planned. */
const MAX_DELAY_MS = 366 * 24 * 3_600_000;

const IsWithinAYear = (): PropertyDecorator => (target, propertyKey) => {
  registerDecorator({
    name: 'tooFarAhead',
    target: target.constructor,
    propertyName: String(propertyKey),
    validator: {
      validate: (value: unknown) => Date.parse(String(value)) - Date.now() <= MAX_DELAY_MS,
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
    description: 'Which waiting work workers take first. Imports always come behind single writes.',
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
  @IsISO8601(
    { strict: true, strictSeparator: true },
    { message: 'expected a date and time such as 2026-01-31T12:00:00Z' },
  )
  runAt?: string;
}

export function toPlacement({ priority = 'normal', runAt }: PlacementQuery): Placement {
  return { priority, delayMs: runAt === undefined ? 0 : Math.max(0, Date.parse(runAt) - Date.now()) };
}
