import { CustomerRefused, isRefusalReason, type RefusalReason } from '../customer-refused';
import type { CustomerJobName, CustomerRef, Payload } from '../jobs/customer.jobs';

/**
 * What may be told of a refused payload: of one who was erased, who asked, and for whom.
 * @returns the payload itself where all of it may
 */
export function toldOf(payload: Payload<CustomerJobName>, reason: RefusalReason): Payload<CustomerJobName> {
  if (reason !== 'CUSTOMER_ERASED') return payload;
  const { tenantId, userId, requestId, acceptedAt, customerId } = payload as CustomerRef;
  return { tenantId, userId, requestId, acceptedAt, customerId };
}

/** No handler can run what is left: it carries the answer for who takes the job once more. */
export const emptied = (told: Payload<CustomerJobName>, refused: RefusalReason) => ({ ...told, refused });

/** The answer that an emptied payload carries; undefined for one that is to be run. */
export function refusalIn(data: unknown): CustomerRefused | undefined {
  const { refused } = (data ?? {}) as { refused?: unknown };
  return typeof refused === 'string' && isRefusalReason(refused) ? new CustomerRefused(refused) : undefined;
}
