import type { Job } from 'bullmq';
import type { Origin } from '../jobs/customer.jobs';
import type { EndedJob, JobError } from './ended-job.schema';

/** How a job ends: done, refused, or as a dead letter. */
export type JobEnd = { result: object } | { refused: JobError } | 'dead';

export type JobHistoryEntry = Omit<EndedJob, 'expiresAt'>;

/** What is told of a dead letter. A fault's own message is for operators: it may speak of our servers. */
export const SERVICE_FAULT: JobError = {
  reason: 'SERVICE_FAULT',
  message: 'The service failed; an operator can retry the job.',
};

/** A job that is about to end, or that the queue has ended without an attempt, as it is remembered. */
export function endedJob(job: Job<Origin>, end: JobEnd): JobHistoryEntry {
  return {
    _id: job.id ?? '',
    tenantId: job.data.tenantId,
    ...idsOf(job.data),
    type: job.name,
    // The queue counts an attempt, and says when the job ended, only when it moves it.
    attempts: job.attemptsMade + (job.finishedOn === undefined ? 1 : 0),
    ...outcomeOf(end),
    queuedAt: new Date(job.timestamp),
    startedAt: job.processedOn === undefined ? null : new Date(job.processedOn),
    finishedAt: new Date(job.finishedOn ?? Date.now()),
  };
}

/** A payload may be anybody's. */
function idsOf(data: {
  requestId?: unknown;
  customerId?: unknown;
}): Pick<EndedJob, 'requestId' | 'customerId'> {
  const { requestId, customerId } = data;
  return {
    ...(typeof requestId === 'string' && { requestId }),
    ...(typeof customerId === 'string' && { customerId }),
  };
}

function outcomeOf(end: JobEnd): Pick<JobHistoryEntry, 'status' | 'result' | 'error'> {
  if (end === 'dead') return { status: 'failed', result: null, error: SERVICE_FAULT };
  if ('refused' in end) return { status: 'failed', result: null, error: end.refused };
  return { status: 'completed', result: end.result, error: null };
}
