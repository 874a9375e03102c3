import { ApiProperty } from '@nestjs/swagger';
import type { Job } from 'bullmq';
import { refusalOf } from '../customer-refused';
import type { ImportRecord } from '../import/import-record';
import { isOver } from '../import/import-records';

export const JOB_STATUSES = ['queued', 'scheduled', 'processing', 'retrying', 'completed', 'failed'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export class JobErrorView {
  @ApiProperty({
    example: 'EMAIL_TAKEN',
    description:
      '`EMAIL_TAKEN`, `CUSTOMER_NOT_FOUND`, `TOO_MANY_ATTRIBUTES`, `IMPORT_GONE`, or `SERVICE_FAULT` for a fault of ours.',
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

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

export function toJobView(job: Job, state: string): JobView {
  const status = statusOf(state, job.attemptsMade);
  return {
    id: job.id ?? '',
    type: job.name,
    status,
    attempts: job.attemptsMade,
    result: status === 'completed' ? (job.returnvalue as object) : null,
    error: status === 'failed' ? errorOf(job.failedReason) : null,
    queuedAt: new Date(job.timestamp).toISOString(),
    startedAt: iso(job.processedOn),
    finishedAt: iso(job.finishedOn),
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
    error: failed ? { reason: 'SERVICE_FAULT', message: error ?? 'The import was cancelled.' } : null,
    queuedAt: new Date(acceptedAt).toISOString(),
    startedAt: iso(startedAt),
    finishedAt: iso(finishedAt),
  };
}

function statusOf(state: string, attemptsMade: number): JobStatus {
  if (state === 'active') return 'processing';
  if (state === 'completed' || state === 'failed') return state;
  if (attemptsMade > 0) return 'retrying';
  return state === 'delayed' ? 'scheduled' : 'queued';
}

/** A fault's own message is for operators: it may speak of our servers. */
function errorOf(failedReason: string): JobErrorView {
  const reason = refusalOf(failedReason);
  if (reason === undefined)
    return { reason: 'SERVICE_FAULT', message: 'The service failed; an operator can retry the job.' };
  return { reason, message: failedReason.slice(reason.length + 2) };
}
