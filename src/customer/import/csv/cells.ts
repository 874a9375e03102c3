import { isEmail } from 'class-validator';
import { CUSTOMER_LIMITS, PHONE_PATTERN } from '../../customer.limits';

/** Why a row, or one of its cells, can't be taken. Stable names. */
export type RowProblemCode =
  | 'required'
  | 'too_long'
  | 'too_many'
  | 'too_large'
  | 'invalid_email'
  | 'invalid_phone'
  | 'invalid_number'
  | 'invalid_date'
  | 'control_character'
  | 'column_count'
  | 'malformed_quotes'
  | 'empty_row';

/** A value that can't be taken. The message never repeats the value: it is personal data. */
export class FieldProblem {
  constructor(
    readonly code: RowProblemCode,
    readonly message: string,
  ) {}
}

// All readers below take trimmed text that is not empty, and return the value to keep.

export function readText(text: string, label: string, most: number): string | FieldProblem {
  return longerThan(text, most)
    ? new FieldProblem('too_long', `${label} is longer than ${most} characters`)
    : text;
}

/** Addresses that `isEmail` surely takes. It costs half of a row's whole check, and nearly every address is like this. */
const ORDINARY_EMAIL =
  /^(?=.{1,64}@)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

/** In lower case. */
export function readEmail(text: string): string | FieldProblem {
  const email = text.toLowerCase();
  if (longerThan(email, CUSTOMER_LIMITS.email)) {
    return new FieldProblem('too_long', `email is longer than ${CUSTOMER_LIMITS.email} characters`);
  }
  return ORDINARY_EMAIL.test(email) || isEmail(email)
    ? email
    : new FieldProblem('invalid_email', 'email is not a valid address');
}

export function readPhone(text: string): string | FieldProblem {
  if (longerThan(text, CUSTOMER_LIMITS.phone)) {
    return new FieldProblem('too_long', `phone is longer than ${CUSTOMER_LIMITS.phone} characters`);
  }
  if (PHONE_PATTERN.test(text)) return text;
  return new FieldProblem('invalid_phone', 'phone may hold digits, spaces and ( ) . / - after an optional +');
}

/** Tags with `;` between them; empty ones and repeats are dropped. */
export function readTags(text: string): string[] | FieldProblem {
  const tags = new Set<string>();
  for (const part of text.split(';')) {
    const tag = part.trim();
    if (tag === '') continue;
    if (longerThan(tag, CUSTOMER_LIMITS.tag)) {
      return new FieldProblem('too_long', `a tag is longer than ${CUSTOMER_LIMITS.tag} characters`);
    }
    tags.add(tag);
  }
  if (tags.size > CUSTOMER_LIMITS.tags) {
    return new FieldProblem('too_many', `there are more than ${CUSTOMER_LIMITS.tags} tags`);
  }
  return [...tags];
}

/** A decimal amount as an exact whole number of cents. */
export function readCents(text: string, label: string): number | FieldProblem {
  const match = /^0*(\d{1,12})(?:\.(\d{1,2}))?$/.exec(text);
  if (!match) {
    return /^\d+(\.\d{1,2})?$/.test(text)
      ? tooLarge(label, CUSTOMER_LIMITS.spend)
      : new FieldProblem(
          'invalid_number',
          `${label} must be a number of 0 or more with at most 2 decimal places`,
        );
  }
  const cents = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
  return cents > CUSTOMER_LIMITS.spend * 100 ? tooLarge(label, CUSTOMER_LIMITS.spend) : cents;
}

export function readCount(text: string, label: string, most: number): number | FieldProblem {
  if (!/^\d+$/.test(text))
    return new FieldProblem('invalid_number', `${label} must be a whole number of 0 or more`);
  const count = Number(text);
  return count > most ? tooLarge(label, most) : count;
}

const DATE_TIME =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:[.,](\d{1,9}))?)?(?:Z|([+-])([01]\d|2[0-3]):?([0-5]\d)?)?)?$/i;

/** An ISO 8601 calendar date, or date and time, as an instant in UTC. Midnight and UTC where the text says neither. */
export function readInstant(text: string, label: string): string | FieldProblem {
  const match = DATE_TIME.exec(text);
  if (match) {
    const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', fraction = ''] =
      match;
    if (Number(day) <= daysInMonth(Number(year), Number(month))) {
      const utc = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
      const [, , , , , , , , sign, offsetHours, offsetMinutes = '0'] = match;
      const instant = sign ? shifted(utc, sign, Number(offsetHours) * 60 + Number(offsetMinutes)) : utc;
      // Years outside 0000 to 9999 are written with a sign.
      if (/^\d/.test(instant)) return instant;
    }
  }
  return new FieldProblem(
    'invalid_date',
    `${label} must be an existing date such as 2024-05-31 or 2024-05-31T09:30:00Z`,
  );
}

function daysInMonth(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
}

/** A local time, written as if it were UTC, as UTC. */
function shifted(local: string, sign: string, offsetMinutes: number): string {
  const east = sign === '-' ? -offsetMinutes : offsetMinutes;
  return new Date(Date.parse(local) - east * 60_000).toISOString();
}

function tooLarge(label: string, most: number): FieldProblem {
  return new FieldProblem('too_large', `${label} is larger than ${most}`);
}

/** Compares characters, so that an emoji or a rare ideograph counts as one. */
function longerThan(text: string, most: number): boolean {
  if (text.length <= most) return false;
  if (text.length > most * 2) return true;
  let surrogatePairs = 0;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >> 10 === 0xd800 >> 10) surrogatePairs++;
  return text.length - surrogatePairs > most;
}
