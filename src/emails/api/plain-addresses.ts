import { registerDecorator, type ValidationArguments } from 'class-validator';
import { isPlainAddress } from '../plain-address';

/** Of one tenant. */
export const MAX_ADDRESSES = 5;

/** A list of addresses; of one that is none its place is told, and not what it says. */
export const ArePlainAddresses = (): PropertyDecorator => (target, propertyKey) => {
  registerDecorator({
    name: 'isEmail',
    target: target.constructor,
    propertyName: String(propertyKey),
    validator: {
      validate: (value: unknown) => Array.isArray(value) && value.every((address) => isPlainAddress(address)),
      defaultMessage: (argument?: ValidationArguments) => {
        const given: unknown[] = Array.isArray(argument?.value) ? argument.value : [];
        const place = given.findIndex((address) => !isPlainAddress(address)) + 1;
        return `number ${place} is no address such as ana@example.com`;
      },
    },
  });
};
