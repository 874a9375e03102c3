import type { FastifyRequest } from 'fastify';
import { InvalidRequest } from '../invalid-request';

export const IDEMPOTENCY_KEY_HEADER = 'Idempotency-Key';

/** 1 to 255 visible ASCII characters. A header that is sent twice has a comma and a space in it, so it is refused. */
const FORM = /^[\x21-\x7e]{1,255}$/;

/**
 * The key that the caller gave this write.
 * @returns undefined when there is none
 * @throws InvalidRequest when it has the wrong form
 */
export function idempotencyKeyOf({ headers }: FastifyRequest): string | undefined {
  const key = headers[IDEMPOTENCY_KEY_HEADER.toLowerCase()];
  if (key === undefined || (typeof key === 'string' && FORM.test(key))) return key;
  throw new InvalidRequest([
    {
      field: IDEMPOTENCY_KEY_HEADER,
      code: 'invalid',
      message: 'expected 1 to 255 visible ASCII characters',
    },
  ]);
}
