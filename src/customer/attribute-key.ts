import { CUSTOMER_LIMITS } from './customer.limits';

/** Names that reach into JavaScript's own objects. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

/** What keeps a key out of `attributes`, to be read after the key; undefined when nothing does. */
export function attributeKeyProblem(key: string): string | undefined {
  if (key.trim() === '') return 'is empty';
  if (key.length > CUSTOMER_LIMITS.attributeKey) {
    return `is longer than ${CUSTOMER_LIMITS.attributeKey} characters`;
  }
  if (RESERVED.has(key)) return 'is reserved';
  // To the database these would be operators and paths.
  if (key.startsWith('$') || key.includes('.')) return 'must not start with "$" or contain "."';
  if (/\p{Cc}/u.test(key)) return 'must not contain control characters';
  return undefined;
}
