import { CUSTOMER_JOB_OPTIONS, CUSTOMER_QUEUE } from '../../customer/jobs/customer.jobs';
import { EMAIL_QUEUE, SEND_EMAIL } from '../../emails/email-jobs';
import { MAINTENANCE_JOB_OPTIONS, MAINTENANCE_QUEUE } from '../../maintenance/maintenance.jobs';
import { DELIVER_WEBHOOK, WEBHOOK_QUEUE } from '../../webhooks/webhook-jobs';

/** By queue. A queue that is not here has jobs of the type `unknown` alone. */
const JOB_TYPES: Record<string, readonly string[]> = {
  [CUSTOMER_QUEUE]: Object.keys(CUSTOMER_JOB_OPTIONS),
  [EMAIL_QUEUE]: [SEND_EMAIL],
  [MAINTENANCE_QUEUE]: Object.keys(MAINTENANCE_JOB_OPTIONS),
  [WEBHOOK_QUEUE]: [DELIVER_WEBHOOK],
};

/** For names that somebody else's code, or a script, put on a queue: labels must be few. */
const UNKNOWN = 'unknown';

/** Where a job belongs in the metrics. */
export interface JobLabels {
  queue: string;
  type: string;
}

export const labelsOf = (queue: string, name: string): JobLabels => ({
  queue,
  type: JOB_TYPES[queue]?.includes(name) ? name : UNKNOWN,
});

/** All that there can be of queues that we know: a counter that begins at 0 shows its first job as a rise. */
export const ALL_JOB_LABELS: readonly JobLabels[] = Object.entries(JOB_TYPES).flatMap(([queue, types]) =>
  [...types, UNKNOWN].map((type) => ({ queue, type })),
);

export const KNOWN_QUEUES: readonly string[] = Object.keys(JOB_TYPES);
