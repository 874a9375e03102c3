import type { Exchange } from '../../http/exchange';
import type { Origin } from '../jobs/customer.jobs';

/** What every job keeps of the request that asked for it. */
export const originOf = ({ request, caller: { tenantId, userId } }: Exchange): Origin => ({
  tenantId,
  userId,
  requestId: request.id,
  acceptedAt: Date.now(),
});
