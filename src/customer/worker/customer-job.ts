import { UnrecoverableError, type Job } from 'bullmq';
import { isKnownJob, payloadProblems } from '../jobs/customer-payloads';
import type { CustomerJobName, Origin, Outcome, Payload } from '../jobs/customer.jobs';

/** A job as it comes off the queue, checked: of a name that we know, with a payload that a handler can run. */
export type CustomerJob = Job<Payload<CustomerJobName>, Outcome, CustomerJobName> & { id: string };

/** Whatever was stored: another version of the service, or somebody's script, may have added it. */
export type StoredJob = Job<unknown, Outcome>;

/** @throws UnrecoverableError for what no handler could ever run */
export function checkJob(job: StoredJob): CustomerJob {
  if (!isKnownJob(job.name)) throw new UnrecoverableError(`No handler for job ${job.name}`);
  const problems = payloadProblems(job.name, job.data);
  if (problems.length > 0)
    throw new UnrecoverableError(`Job ${job.name} has no valid ${problems.join(', ')} in its payload`);
  return job as CustomerJob;
}

export const isCustomerJob = (job: StoredJob): job is CustomerJob =>
  isKnownJob(job.name) && payloadProblems(job.name, job.data).length === 0;

/** Whether somebody can be told of the job, whoever added it. */
export const hasTenant = (job: StoredJob): job is StoredJob & { data: Origin } =>
  typeof job.data === 'object' &&
  job.data !== null &&
  'tenantId' in job.data &&
  typeof job.data.tenantId === 'string';
