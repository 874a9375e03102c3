import { CUSTOMER_LIMITS } from './customer.limits';

/** Names that reach into JavaScript's own objects. */
export const RESERVED_KEYS = ['__proto__', 'constructor', 'prototype'];

/** The rules below but length and reserved names, for the document of the API. */
export const ATTRIBUTE_KEY_PATTERN =
  // eslint-disable-next-line no-control-regex
  /^(?!\s*$)[^$.\u0000-\u001f\u007f-\u009f][^.\u0000-\u001f\u007f-\u009f]*$/;

/** What keeps a key out of `attributes`, to be read after the key; undefined when nothing does. */
export function attributeKeyProblem(key: string): string | undefined {
  if (key.trim() === '') return 'is empty';
  if (key.length > CUSTOMER_LIMITS.attributeKey) {
    return `is longer than ${CUSTOMER_LIMITS.attributeKey} characters`;
  }
  if (RESERVED_KEYS.includes(key)) return 'is reserved';
  // To the database these would be operators and paths.
  if (key.startsWith('$') || key.includes('.')) return 'must not start with "$" or contain "."';
  if (/\p{Cc}/u.test(key)) return 'must not contain control characters';
  return undefined;
}
