import { ApiProperty } from '@nestjs/swagger';
import {
  IsInt,
  IsNotEmpty,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  registerDecorator,
} from 'class-validator';
import { IfGiven } from '../../http/if-given';
import { CUSTOMER_LIMITS } from '../customer.limits';
import { IsInstant } from './is-instant';
import { toCents } from './money';

const VISIBLE_ASCII = /^[!-~]+$/;
/** Up to 1,000,000,000, for the document. */
const AMOUNT_PATTERN = String.raw`^(0{0,4}\d{1,9}(\.\d{1,2})?|0{0,3}10{9}(\.00?)?)$`;

const IsAmount = (): PropertyDecorator => (target, propertyKey) => {
  registerDecorator({
    name: 'invalidAmount',
    target: target.constructor,
    propertyName: String(propertyKey),
    validator: {
      validate: (value: unknown) => {
        const cents = typeof value === 'string' || typeof value === 'number' ? toCents(value) : undefined;
        return cents !== undefined && cents <= CUSTOMER_LIMITS.spend * 100;
      },
      defaultMessage: () => `expected a decimal from 0 to ${CUSTOMER_LIMITS.spend} with at most two places`,
    },
  });
};

/** One visit, or several at once, to be added to a customer's totals. */
export class UpdateCustomerStatsDto {
  @ApiProperty({
    oneOf: [
      { type: 'number', minimum: 0, maximum: CUSTOMER_LIMITS.spend, multipleOf: 0.01 },
      { type: 'string', pattern: AMOUNT_PATTERN },
    ],
    example: '19.90',
    description: 'Decimal with at most two places, as a number or a text; added to `totalSpend`.',
  })
  @IsAmount()
  spent: string | number;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: CUSTOMER_LIMITS.visits,
    example: 1,
    description: 'Added to `visits`.',
  })
  @Max(CUSTOMER_LIMITS.visits, { message: `larger than ${CUSTOMER_LIMITS.visits}` })
  @Min(0, { message: 'less than 0' })
  @IsInt({ message: 'expected a whole number' })
  visits: number;

  @ApiProperty({
    type: String,
    format: 'date-time',
    example: '2026-01-31T12:00:00Z',
    description: 'The latest becomes `lastVisit`.',
  })
  @IsInstant()
  at: string;

  @ApiProperty({
    type: String,
    required: false,
    minLength: 1,
    maxLength: CUSTOMER_LIMITS.eventId,
    pattern: VISIBLE_ASCII.source,
    description: 'Your id of the event: the same one counts once for a customer.',
  })
  @IfGiven()
  @Matches(VISIBLE_ASCII, { message: 'expected visible ASCII characters' })
  @MaxLength(CUSTOMER_LIMITS.eventId, { message: `longer than ${CUSTOMER_LIMITS.eventId} characters` })
  @IsNotEmpty({ message: 'must not be empty' })
  @IsString({ message: 'expected a text' })
  eventId?: string;
}
