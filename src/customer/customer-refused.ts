import { CUSTOMER_LIMITS } from './customer.limits';

/** Why a job that was accepted can't be done: an answer for who asked, not a fault of ours. */
export type RefusalReason = 'EMAIL_TAKEN' | 'CUSTOMER_NOT_FOUND' | 'TOO_MANY_ATTRIBUTES' | 'IMPORT_GONE';

const EXPLANATIONS: Record<RefusalReason, string> = {
  EMAIL_TAKEN: 'Another customer has this email.',
  CUSTOMER_NOT_FOUND: 'There is no such customer.',
  TOO_MANY_ATTRIBUTES: `A customer can have ${CUSTOMER_LIMITS.attributes} attributes at most.`,
  IMPORT_GONE: 'The data of this import is gone; upload the file again.',
};

/** The job ends here, is not retried, and says why. */
export class CustomerRefused extends Error {
  override readonly name = 'CustomerRefused';

  constructor(readonly reason: RefusalReason) {
    super(`${reason}: ${EXPLANATIONS[reason]}`);
  }
}

/** Reads the reason back from the text a failed job keeps; undefined for a fault. */
export function refusalOf(failedReason: string): RefusalReason | undefined {
  const reason = failedReason.split(':', 1)[0] ?? '';
  return Object.hasOwn(EXPLANATIONS, reason) ? (reason as RefusalReason) : undefined;
}
