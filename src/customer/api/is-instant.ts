import { registerDecorator } from 'class-validator';
import { toInstant } from '../instant';

/** A date and time that exists, in the forms that a CSV may have too. */
export const IsInstant = (): PropertyDecorator => (target, propertyKey) => {
  registerDecorator({
    name: 'invalidDate',
    target: target.constructor,
    propertyName: String(propertyKey),
    validator: {
      validate: (value: unknown) => typeof value === 'string' && toInstant(value) !== undefined,
      defaultMessage: () => 'expected an existing date and time such as 2026-01-31T12:00:00Z',
    },
  });
};
