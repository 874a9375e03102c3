import { hash as digest } from 'node:crypto';
import type { CustomerJobName, Payload } from './customer.jobs';

/**
 * What a job stands in line for. It joins lanes when it is accepted; before it runs, whatever was accepted before it in
 * the lanes it follows has ended. All else runs in any order.
 */
export interface Lanes {
  joins: string[];
  follows: string[];
}

interface Owned {
  tenantId: string;
  customerId: string;
}

/** What callers gave is hashed: names of keys are shown to operators. */
const hash = (...parts: string[]): string => digest('sha256', parts.join('\n'), 'base64url').slice(0, 22);

/** Who claims an email. */
export const emailLane = (tenantId: string, email: string): string => `email:${hash(tenantId, email)}`;
/** Every write of one customer that is there. */
export const customerLane = (tenantId: string, customerId: string): string =>
  `customer:${tenantId}:${customerId}`;
/** Every single write of a tenant: an import asks here first, and nearly always there is nobody. */
export const tenantLane = (tenantId: string): string => `tenant:${tenantId}`;

const deletions = ({ tenantId, customerId }: Owned): string => `deletion:${tenantId}:${customerId}`;
/** One event, told several times: the first is the one that counts. */
const eventLane = ({ tenantId, customerId }: Owned, eventId: string): string =>
  `event:${hash(tenantId, customerId, eventId)}`;
const emailChanges = ({ tenantId, customerId }: Owned): string => `email-change:${tenantId}:${customerId}`;

const everyWrite = ({ tenantId, customerId }: Owned): string[] => [
  tenantLane(tenantId),
  customerLane(tenantId, customerId),
];

/** One row per job: a missing name does not compile. */
const LANES: { [N in CustomerJobName]: (payload: Payload<N>) => Lanes } = {
  CREATE_CUSTOMER: ({ tenantId, email }) => {
    const claims = emailLane(tenantId, email);
    return { joins: [tenantLane(tenantId), claims], follows: [claims] };
  },
  UPDATE_CUSTOMER: (payload) => {
    const { email } = payload.changes;
    if (email === undefined) return { joins: everyWrite(payload), follows: [deletions(payload)] };
    const moves = [emailLane(payload.tenantId, email), emailChanges(payload)];
    return { joins: [...everyWrite(payload), ...moves], follows: [...moves, deletions(payload)] };
  },
  // The email that a change before it claims is given up with the customer.
  DELETE_CUSTOMER: (payload) => ({
    joins: [...everyWrite(payload), deletions(payload)],
    // What is erased must not be written or told of beside it.
    follows:
      payload.erase === true
        ? [customerLane(payload.tenantId, payload.customerId)]
        : [deletions(payload), emailChanges(payload)],
  }),
  UPDATE_CUSTOMER_STATS: (payload) => {
    const repeats = payload.eventId === undefined ? [] : [eventLane(payload, payload.eventId)];
    return { joins: [...everyWrite(payload), ...repeats], follows: [...repeats, deletions(payload)] };
  },
  // A chunk has a thousand emails: it asks for those itself.
  BULK_IMPORT_CUSTOMERS: () => ({ joins: [], follows: [] }),
  UNDO_IMPORT: () => ({ joins: [], follows: [] }),
  TEST_QUEUE: () => ({ joins: [], follows: [] }),
};

export const lanesOf = <N extends CustomerJobName>(name: N, payload: Payload<N>): Lanes =>
  LANES[name](payload);
