import { CUSTOMER_LIMITS } from './customer.limits';

/** Why a job that was accepted can't be done: an answer for who asked, not a fault of ours. */
export type RefusalReason = 'EMAIL_TAKEN' | 'CUSTOMER_NOT_FOUND' | 'CUSTOMER_ERASED' | 'TOO_MANY_ATTRIBUTES';

const EXPLANATIONS: Record<RefusalReason, string> = {
  EMAIL_TAKEN: 'Another customer has this email.',
  CUSTOMER_NOT_FOUND: 'There is no such customer.',
  CUSTOMER_ERASED: 'The customer was erased.',
  TOO_MANY_ATTRIBUTES: `A customer can have ${CUSTOMER_LIMITS.attributes} attributes at most.`,
};

/** The job ends here, is not retried, and says why. */
export class CustomerRefused extends Error {
  override readonly name = 'CustomerRefused';

  /** @param because id of the customer whose state is the reason: an earlier write to it may still change that */
  constructor(
    readonly reason: RefusalReason,
    readonly because?: string,
  ) {
    super(EXPLANATIONS[reason]);
  }
}

export const isRefusalReason = (text: string): text is RefusalReason => Object.hasOwn(EXPLANATIONS, text);
