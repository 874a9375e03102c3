import type { Freeing } from '../customer.repository';
import type { CustomerJobName, Payload, Result } from '../jobs/customer.jobs';

/** What a handler knows of its job beside the payload. */
export interface JobContext {
  jobId: string;
  /** Its place in the order of acceptance, in µs since 1970; a write that was planned for later counts as later. */
  order: number;
  /** To be awaited before an email is given up: who asked for it before is refused it. @throws WriteAhead */
  freeing: Freeing;
}

/**
 * Does the work of one job name. May run twice, late, beside its twin or after a newer job, and must end in the same
 * state; throws CustomerRefused for an answer, anything else for a fault that is retried.
 */
export interface Handler<N extends CustomerJobName> {
  handle(payload: Payload<N>, context: JobContext): Promise<Result<N>>;
}

/** One handler per job name: a missing one does not compile. */
export type Handlers = { [N in CustomerJobName]: Handler<N> };
export const HANDLERS = Symbol('Handlers');
