import { ValidationPipe, type ValidationError } from '@nestjs/common';
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
  new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    // Values may be personal data, and have no place in an error.
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => new InvalidRequest(errors.flatMap((error) => flatten(error))),
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
