import { ApiProperty } from '@nestjs/swagger';
import type { Job } from 'bullmq';
import type { ImportRecord, ImportStatus } from '../import/import-record';
import { isOver } from '../import/import-records';
import type { EndedJob, JobError } from '../job-history/ended-job.schema';
import { SERVICE_FAULT } from '../job-history/job-end';
import { iso } from './iso';

export const JOB_STATUSES = ['queued', 'scheduled', 'processing', 'retrying', 'completed', 'failed'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export class JobErrorView {
  @ApiProperty({
    example: 'EMAIL_TAKEN',
    description:
      '`EMAIL_TAKEN`, `CUSTOMER_NOT_FOUND`, `CUSTOMER_ERASED`, `TOO_MANY_ATTRIBUTES`; `CANCELLED` for an import; or `SERVICE_FAULT` for a fault of ours.',
  })
  reason: string;
  @ApiProperty() message: string;
}

export class JobView {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ example: 'CREATE_CUSTOMER' }) type: string;
  @ApiProperty({ enum: JOB_STATUSES }) status: JobStatus;
  @ApiProperty({ type: 'integer', description: 'Attempts that ended.' }) attempts: number;
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) result: object | null;
  @ApiProperty({ type: JobErrorView, nullable: true }) error: JobErrorView | null;
  @ApiProperty({ type: String, format: 'date-time' }) queuedAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) startedAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) finishedAt: string | null;
}

/**
 * A job of the queue.
 * @param state by BullMQ's names
 */
export function toJobView(job: Job, state: string): JobView {
  const error = errorOf(job, state);
  const status = error ? 'failed' : statusOf(job, state);
  const hasEnded = status === 'completed' || status === 'failed';
  return {
    id: job.id ?? '',
    type: job.name,
    status,
    attempts: job.attemptsMade,
    result: status === 'completed' ? (job.returnvalue as object) : null,
    error,
    queuedAt: new Date(job.timestamp).toISOString(),
    startedAt: iso(job.processedOn),
    finishedAt: hasEnded ? iso(job.finishedOn) : null,
  };
}

/** A job that the queue has removed. */
export function endedToJobView(job: EndedJob): JobView {
  return {
    id: job._id,
    type: job.type,
    status: job.status,
    attempts: job.attempts,
    result: job.result,
    error: job.error,
    queuedAt: job.queuedAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    finishedAt: job.finishedAt.toISOString(),
  };
}

/** An import's chunks are jobs of the queue; to who uploaded it, it is one. */
export function importToJobView({
  importId,
  status,
  counts,
  acceptedAt,
  startedAt,
  finishedAt,
  error,
}: ImportRecord): JobView {
  const over = isOver(status);
  const failed = status === 'failed' || status === 'cancelled';
  return {
    id: importId,
    type: 'BULK_IMPORT_CUSTOMERS',
    status: failed ? 'failed' : over ? 'completed' : status === 'queued' ? 'queued' : 'processing',
    attempts: over ? 1 : 0,
    result: over && !failed ? { importId, status, counts } : null,
    error: failed ? importError(status, error) : null,
    queuedAt: new Date(acceptedAt).toISOString(),
    startedAt: iso(startedAt),
    finishedAt: iso(finishedAt),
  };
}

const importError = (status: ImportStatus, error = 'The import failed.'): JobError =>
  status === 'cancelled'
    ? { reason: 'CANCELLED', message: 'The import was cancelled.' }
    : { reason: 'SERVICE_FAULT', message: error };

function statusOf({ attemptsMade, timestamp, opts }: Job, state: string): JobStatus {
  if (state === 'active') return 'processing';
  if (state === 'completed' || state === 'failed') return state;
  if (attemptsMade > 0) return 'retrying';
  // One that waits for a write before it is delayed too.
  return state === 'delayed' && Date.now() < timestamp + (opts.delay ?? 0) ? 'scheduled' : 'queued';
}

/** A refusal ends a job well, with the refusal as its result; only a fault makes it fail. */
function errorOf({ returnvalue }: Job, state: string): JobErrorView | null {
  if (state === 'completed') return isRefused(returnvalue) ? returnvalue.refused : null;
  return state === 'failed' ? SERVICE_FAULT : null;
}

const isRefused = (result: unknown): result is { refused: JobError } =>
  typeof result === 'object' && result !== null && 'refused' in result;
