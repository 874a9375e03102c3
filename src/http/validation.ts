import { type ArgumentMetadata, ValidationPipe, type ValidationError } from '@nestjs/common';
import { InvalidRequest } from './invalid-request';
import type { FieldProblem } from './problem';

/** class-validator's names of rules, where ours are plainer; others are taken over in snake_case. */
const CODES: Record<string, string> = {
  whitelistValidation: 'unknown_field',
  isNotEmpty: 'required',
  isDefined: 'required',
  maxLength: 'too_long',
  minLength: 'too_short',
  isEmail: 'invalid_email',
  arrayMaxSize: 'too_many',
};

const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Checks bodies and queries against their DTO: unknown fields are refused, all problems are told at once. */
export const validationPipe = (): ValidationPipe =>
  new StrictValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    // Values may be personal data, and have no place in an error.
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => new InvalidRequest(errors.flatMap((error) => flatten(error))),
  });

/** Keys that class-transformer drops without a word: unknown fields like all others. */
const RESERVED = ['__proto__', 'constructor', 'prototype'];

class StrictValidationPipe extends ValidationPipe {
  override async transform(given: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const value = given === undefined && isOptional(metadata) ? {} : given;
    if (metadata.type === 'body' && (typeof value !== 'object' || value === null || Array.isArray(value))) {
      throw new InvalidRequest([{ field: 'body', code: 'invalid_json', message: 'expected a JSON object' }]);
    }
    const reserved = RESERVED.filter(
      (key) => typeof value === 'object' && value !== null && Object.hasOwn(value, key),
    );
    if (reserved.length > 0) throw new InvalidRequest(reserved.map(unknownField));
    return super.transform(value, metadata);
  }

  /** Nothing is dropped without a word: reserved keys are refused, above and by the check of `attributes`. */
  protected override stripProtoKeys(): void {
    return;
  }
}

const OPTIONAL_BODY = Symbol('optional body');

/** For a DTO whose body may be left out as a whole, since all its fields may. */
export const OptionalBody = (): ClassDecorator => (target) => {
  Reflect.defineMetadata(OPTIONAL_BODY, true, target);
};

const isOptional = ({ type, metatype }: ArgumentMetadata): boolean =>
  type === 'body' && metatype !== undefined && Reflect.hasMetadata(OPTIONAL_BODY, metatype);

const unknownField = (field: string): FieldProblem => ({
  field,
  code: 'unknown_field',
  message: 'there is no such field',
});

function flatten(
  { property, constraints = {}, children = [] }: ValidationError,
  parent = '',
): FieldProblem[] {
  const field = parent ? `${parent}.${property}` : property;
  const own = Object.entries(constraints).map(([rule, message]) => ({
    field,
    code: CODES[rule] ?? snakeCase(rule),
    message: rule === 'whitelistValidation' ? 'there is no such field' : message,
  }));
  return [...own, ...children.flatMap((child) => flatten(child, field))];
}
