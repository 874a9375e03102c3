import { registerDecorator, type ValidationArguments } from 'class-validator';
import { CUSTOMER_LIMITS, isPrintable } from '../customer.limits';

/** A flat map of texts, numbers and booleans; `null` only where it removes a key. */
export const IsAttributes = ({ nullable }: { nullable: boolean }): PropertyDecorator => {
  return (target, propertyKey) => {
    registerDecorator({
      name: 'attributes',
      target: target.constructor,
      propertyName: String(propertyKey),
      validator: {
        validate: (value: unknown) => problemOf(value, nullable) === undefined,
        defaultMessage: (argument?: ValidationArguments) => problemOf(argument?.value, nullable) ?? '',
      },
    });
  };
};

const RESERVED_KEYS = ['__proto__', 'constructor', 'prototype'];

/** Keys that would be paths or operators to the database, or reach into JavaScript's objects, are refused. */
const isSafeKey = (key: string): boolean =>
  !key.startsWith('$') && !key.includes('.') && !RESERVED_KEYS.includes(key) && isPrintable(key);

function problemOf(attributes: unknown, nullable: boolean): string | undefined {
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes))
    return 'expected an object';
  const entries = Object.entries(attributes);
  if (entries.length > CUSTOMER_LIMITS.attributes) return `more than ${CUSTOMER_LIMITS.attributes} keys`;
  for (const [key, value] of entries) {
    if (key.trim() === '' || key.length > CUSTOMER_LIMITS.attributeKey) {
      return `a key is empty or longer than ${CUSTOMER_LIMITS.attributeKey} characters`;
    }
    if (!isSafeKey(key))
      return 'a key starts with "$", has a "." or a control character, or is a reserved word';
    if (!isValue(value) && !(nullable && value === null)) {
      const orNull = nullable ? ', or null to remove the key' : '';
      return `expected texts of up to ${CUSTOMER_LIMITS.attributeValue} characters, finite numbers or booleans${orNull}`;
    }
  }
  return undefined;
}

const isValue = (value: unknown): boolean =>
  (typeof value === 'string' && value.length <= CUSTOMER_LIMITS.attributeValue && isPrintable(value)) ||
  Number.isFinite(value) ||
  typeof value === 'boolean';
