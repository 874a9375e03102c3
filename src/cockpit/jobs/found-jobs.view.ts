import type { EndedJob } from '../../customer/job-history/ended-job.schema';
import type { StoredJobFacts } from '../../queue/search/job-reader';
import type { JobState } from '../../queue/search/job-search';

export interface FoundJobView {
  queue: string;
  jobId: string;
  type: string;
  state: JobState;
  tenantId: string | null;
  requestId: string | null;
  customerId: string | null;
  importId: string | null;
  /** ISO 8601 */
  queuedAt: string | null;
  startedAt: string | null;
  finishedAt: string | null;
  attempts: number;
  error: string | null;
  /** `history`: the queue does not have it any more. */
  source: 'queue' | 'history';
}

export interface FoundJobsView {
  /** Newest first. */
  items: FoundJobView[];
  /** Jobs that were looked at in the queues. */
  searched: number;
  /** False when there may be more. */
  complete: boolean;
  tookMs: number;
}

export function foundInQueue(queue: string, facts: StoredJobFacts, state: JobState): FoundJobView {
  const { jobId, type, payload, attempts, error } = facts;
  const text = (field: string): string | null => {
    const value = payload[field];
    return typeof value === 'string' ? value : null;
  };
  return {
    ...{ queue, jobId, type, state, attempts, error },
    tenantId: text('tenantId'),
    requestId: text('requestId'),
    customerId: text('customerId'),
    importId: text('importId'),
    queuedAt: iso(facts.queuedAtMs),
    startedAt: iso(facts.startedAtMs),
    finishedAt: iso(facts.finishedAtMs),
    source: 'queue',
  };
}

/** Only jobs of this queue are remembered. */
export function foundInHistory(queue: string, job: EndedJob): FoundJobView {
  const { _id: jobId, type, tenantId, attempts, error, customerId = null, requestId = null } = job;
  return {
    ...{ queue, jobId, type, tenantId, requestId, customerId, attempts },
    state: job.status,
    importId: null,
    queuedAt: job.queuedAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    finishedAt: job.finishedAt.toISOString(),
    error: error && `${error.reason}: ${error.message}`,
    source: 'history',
  };
}

export const iso = (ms: number | undefined): string | null =>
  ms === undefined ? null : new Date(ms).toISOString();
