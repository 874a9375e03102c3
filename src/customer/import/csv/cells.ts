import { isEmail } from 'class-validator';
import { CUSTOMER_LIMITS, PHONE_PATTERN } from '../../customer.limits';
import { toInstant } from '../../instant';

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
  | 'duplicate'
  | 'malformed_quotes'
  | 'empty_row';

/** A value that can't be taken. The message never repeats the value: it is personal data. */
export class CellProblem {
  constructor(
    readonly code: RowProblemCode,
    readonly message: string,
  ) {}
}

// All readers below take trimmed text that is not empty, and return the value to keep.

export function readText(text: string, label: string, most: number): string | CellProblem {
  return longerThan(text, most)
    ? new CellProblem('too_long', `${label} is longer than ${most} characters`)
    : text;
}

/** Addresses that `isEmail` surely takes. It costs half of a row's whole check, and nearly every address is like this. */
const ORDINARY_EMAIL =
  /^(?=.{1,64}@)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

/** In lower case. */
export function readEmail(text: string): string | CellProblem {
  const email = text.toLowerCase();
  if (longerThan(email, CUSTOMER_LIMITS.email)) {
    return new CellProblem('too_long', `email is longer than ${CUSTOMER_LIMITS.email} characters`);
  }
  return ORDINARY_EMAIL.test(email) || isEmail(email)
    ? email
    : new CellProblem('invalid_email', 'email is not a valid address');
}

export function readPhone(text: string): string | CellProblem {
  if (longerThan(text, CUSTOMER_LIMITS.phone)) {
    return new CellProblem('too_long', `phone is longer than ${CUSTOMER_LIMITS.phone} characters`);
  }
  if (PHONE_PATTERN.test(text)) return text;
  return new CellProblem('invalid_phone', 'phone may hold digits, spaces and ( ) . / - after an optional +');
}

/** Tags with `;` between them; empty ones and repeats are dropped. */
export function readTags(text: string): string[] | CellProblem {
  const tags = new Set<string>();
  for (const part of text.split(';')) {
    const tag = part.trim();
    if (tag === '') continue;
    if (longerThan(tag, CUSTOMER_LIMITS.tag)) {
      return new CellProblem('too_long', `a tag is longer than ${CUSTOMER_LIMITS.tag} characters`);
    }
    tags.add(tag);
  }
  if (tags.size > CUSTOMER_LIMITS.tags) {
    return new CellProblem('too_many', `there are more than ${CUSTOMER_LIMITS.tags} tags`);
  }
  return [...tags];
}

/** A decimal amount as an exact whole number of cents. */
export function readCents(text: string, label: string): number | CellProblem {
  const match = /^0*(\d{1,12})(?:\.(\d{1,2}))?$/.exec(text);
  if (!match) {
    return /^\d+(\.\d{1,2})?$/.test(text)
      ? tooLarge(label, CUSTOMER_LIMITS.spend)
      : new CellProblem(
          'invalid_number',
          `${label} must be a number of 0 or more with at most 2 decimal places`,
        );
  }
  const cents = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
  return cents > CUSTOMER_LIMITS.spend * 100 ? tooLarge(label, CUSTOMER_LIMITS.spend) : cents;
}

export function readCount(text: string, label: string, most: number): number | CellProblem {
  if (!/^\d+$/.test(text))
    return new CellProblem('invalid_number', `${label} must be a whole number of 0 or more`);
  const count = Number(text);
  return count > most ? tooLarge(label, most) : count;
}

export function readInstant(text: string, label: string): string | CellProblem {
  return (
    toInstant(text) ??
    new CellProblem(
      'invalid_date',
      `${label} must be an existing date such as 2024-05-31 or 2024-05-31T09:30:00Z`,
    )
  );
}

function tooLarge(label: string, most: number): CellProblem {
  return new CellProblem('too_large', `${label} is larger than ${most}`);
}

/** Compares characters, so that an emoji or a rare ideograph counts as one. */
function longerThan(text: string, most: number): boolean {
  if (text.length <= most) return false;
  if (text.length > most * 2) return true;
  let surrogatePairs = 0;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >> 10 === 0xd800 >> 10) surrogatePairs++;
  return text.length - surrogatePairs > most;
}
