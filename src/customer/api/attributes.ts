import { registerDecorator, type ValidationArguments } from 'class-validator';
import { attributeKeyProblem } from '../attribute-key';
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

function problemOf(attributes: unknown, nullable: boolean): string | undefined {
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes))
    return 'expected an object';
  const entries = Object.entries(attributes);
  if (entries.length > CUSTOMER_LIMITS.attributes) return `more than ${CUSTOMER_LIMITS.attributes} keys`;
  for (const [key, value] of entries) {
    const problem = attributeKeyProblem(key);
    if (problem !== undefined) return `a key ${problem}`;
    if (!isValue(value) && !(nullable && value === null)) {
      const orNull = nullable ? ', or null to remove the key' : '';
      return `expected texts of up to ${CUSTOMER_LIMITS.attributeValue} characters, finite numbers or booleans${orNull}`;
    }
  }
  return undefined;
}

const isValue = (value: unknown): boolean =>
  (typeof value === 'string' && hasAtMost(CUSTOMER_LIMITS.attributeValue, value) && isPrintable(value)) ||
  Number.isFinite(value) ||
  typeof value === 'boolean';

/** Characters, as everywhere: one outside the basic plane counts once. */
const hasAtMost = (most: number, text: string): boolean => text.length <= most || [...text].length <= most;
