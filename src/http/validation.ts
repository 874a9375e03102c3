import { type ArgumentMetadata, type Type, ValidationPipe, type ValidationError } from '@nestjs/common';
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

/** Keys that Nest's pipe drops without a word, and that no field has. */
const RESERVED = ['__proto__', 'constructor', 'prototype'];

/** Deeper than any body has to be: what reads it further on calls itself at each level. */
const MAX_DEPTH = 8;

class StrictValidationPipe extends ValidationPipe {
  /** Most queries are empty: that a class has nothing against it is found out once. */
  private readonly maybeEmpty = new WeakSet<Type>();

  override async transform(given: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // What a decorator of ours hands over is no input: it is the request itself, or who sent it. A part of the path, and
    // a field of the query that is taken by its name, is text, whatever its own pipe makes of it.
    const isText = metadata.type === 'param' || (metadata.type === 'query' && metadata.data !== undefined);
    if (metadata.type === 'custom' || isText) return given;
    const value = given === undefined && isOptional(metadata) ? {} : given;
    if (metadata.type === 'body' && (typeof value !== 'object' || value === null || Array.isArray(value))) {
      throw new InvalidRequest([{ field: 'body', code: 'invalid_json', message: 'expected a JSON object' }]);
    }
    if (isDeeperThan(MAX_DEPTH, value)) {
      const message = `nested deeper than ${MAX_DEPTH} levels`;
      throw new InvalidRequest([{ field: 'body', code: 'too_deep', message }]);
    }
    const problems = reservedKeys(value);
    if (problems.length > 0) throw new InvalidRequest(problems);
    const { type, metatype } = metadata;
    if (type !== 'query' || !metatype || !isEmpty(value)) return super.transform(value, metadata);
    if (this.maybeEmpty.has(metatype)) return new metatype();
    const query: unknown = await super.transform(value, metadata);
    this.maybeEmpty.add(metatype);
    return query;
  }
}

const OPTIONAL_BODY = Symbol('optional body');

/** For a DTO whose body may be left out as a whole, since all its fields may. */
export const OptionalBody = (): ClassDecorator => (target) => {
  Reflect.defineMetadata(OPTIONAL_BODY, true, target);
};

const isOptional = ({ type, metatype }: ArgumentMetadata): boolean =>
  type === 'body' && metatype !== undefined && Reflect.hasMetadata(OPTIONAL_BODY, metatype);

/** Problems of the body's own keys, and of those of the objects in it. */
function reservedKeys(body: unknown): FieldProblem[] {
  const own = RESERVED.filter((key) => isObject(body) && Object.hasOwn(body, key));
  const nested = isObject(body) ? Object.entries(body).filter(([, value]) => isObject(value)) : [];
  return [
    ...own.map((field) => ({ field, code: 'unknown_field', message: 'there is no such field' })),
    ...nested
      .filter(([, value]) => RESERVED.some((key) => Object.hasOwn(value as object, key)))
      .map(([field]) => ({ field, code: 'reserved_key', message: `a key is one of ${RESERVED.join(', ')}` })),
  ];
}

const isDeeperThan = (levels: number, value: unknown): boolean =>
  isObject(value) && (levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner)));

const isEmpty = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

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
