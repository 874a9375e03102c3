import { z } from 'zod';
import type { CustomerJobName, Payload } from './customer.jobs';

const origin = { tenantId: z.string(), userId: z.string(), requestId: z.string(), acceptedAt: z.number() };
const ref = { ...origin, customerId: z.string() };
const count = z.int().nonnegative();

/**
 * What must be there for a handler to run. The API checked what it queued; this is for what was queued by another
 * version of the service, or by hand. One row per job: a missing name does not compile.
 */
const PAYLOADS = {
  CREATE_CUSTOMER: z.looseObject({ ...ref, name: z.string(), email: z.string() }),
  UPDATE_CUSTOMER: z.looseObject({ ...ref, changes: z.looseObject({}) }),
  DELETE_CUSTOMER: z.looseObject(ref),
  UPDATE_CUSTOMER_STATS: z.looseObject({ ...ref, spentCents: z.int(), visits: z.int(), at: z.string() }),
  BULK_IMPORT_CUSTOMERS: z.looseObject({
    ...origin,
    importId: z.string(),
    chunk: count,
    firstLine: count,
    firstRow: count,
    rows: count,
  }),
  UNDO_IMPORT: z.looseObject({ ...origin, importId: z.string(), chunk: count, firstRow: count, rows: count }),
  TEST_QUEUE: z.looseObject(origin),
} as const satisfies { [N in CustomerJobName]: z.ZodType<Partial<Payload<N>>> };

export const isKnownJob = (name: string): name is CustomerJobName => Object.hasOwn(PAYLOADS, name);

/** @returns the fields that are missing or of a wrong kind; none when a handler can run */
export function payloadProblems(name: CustomerJobName, data: unknown): string[] {
  const { error } = PAYLOADS[name].safeParse(data);
  return error ? error.issues.map(({ path }) => path.join('.') || 'payload') : [];
}
