import { UnrecoverableError, type Job } from 'bullmq';
import {
  CUSTOMER_JOB_OPTIONS,
  type CustomerJobName,
  type Origin,
  type Outcome,
  type Payload,
} from '../jobs/customer.jobs';

/** A job as it comes off the queue, checked: of a name that we know, with a payload that says whose it is. */
export type CustomerJob = Job<Payload<CustomerJobName>, Outcome, CustomerJobName> & { id: string };

/** Whatever was stored: another version of the service, or somebody's script, may have added it. */
export type StoredJob = Job<unknown, Outcome>;

/** @throws UnrecoverableError for what no handler could ever run */
export function checkJob(job: StoredJob): CustomerJob {
  if (!Object.hasOwn(CUSTOMER_JOB_OPTIONS, job.name))
    throw new UnrecoverableError(`No handler for job ${job.name}`);
  if (job.id === undefined || !hasOrigin(job))
    throw new UnrecoverableError(`Job ${job.name} has no origin in its payload`);
  return job as CustomerJob;
}

export const isCustomerJob = (job: StoredJob): job is CustomerJob =>
  job.id !== undefined && Object.hasOwn(CUSTOMER_JOB_OPTIONS, job.name) && hasOrigin(job);

/** Whether somebody can be told of the job, whoever added it. */
export const hasTenant = (job: StoredJob): job is StoredJob & { data: Origin } =>
  typeof job.data === 'object' &&
  job.data !== null &&
  'tenantId' in job.data &&
  typeof job.data.tenantId === 'string';

const hasOrigin = (job: StoredJob): boolean =>
  hasTenant(job) && typeof (job.data as Partial<Origin>).acceptedAt === 'number';
