import type { ListsCleaned } from '../customer/import/import-lists';
import type { Purged } from '../customer/purge/customer-purge';
import type { JobVersions } from '../queue/job-versions';

/** Stored in Redis: renaming it strands what is queued. */
export const MAINTENANCE_QUEUE = 'maintenance.jobs';

/**
 * The contract of the work that nobody asks for: it is planned. Names are stored in Redis, as those of schedules too: add,
 * never rename. Results are counts: they are what is told of a run.
 */
export interface MaintenanceJobs {
  /** Removes customers for good that were deleted long ago. */
  PURGE_DELETED_CUSTOMERS: { result: Purged };
  /** Removes what imports leave behind that does not go by itself. */
  CLEAN_IMPORTS: { result: ListsCleaned };
}

export type MaintenanceJobName = keyof MaintenanceJobs;
export type MaintenanceResult<N extends MaintenanceJobName = MaintenanceJobName> =
  MaintenanceJobs[N]['result'];

/** Which step of this contract a worker must know: docs/operations.md. A missing name does not compile. */
export const MAINTENANCE_JOB_VERSIONS = {
  PURGE_DELETED_CUSTOMERS: 1,
  CLEAN_IMPORTS: 1,
} as const satisfies JobVersions<MaintenanceJobName>;

interface JobOptions {
  attempts: number;
  backoff: { type: 'exponential'; delay: number; jitter: number };
  /** Stacks kept with the job, of its last attempts. */
  stackTraceLimit: number;
  removeOnComplete: { count: number };
}

/**
 * As jobs of customers are retried. Those that ended well are kept by count alone: what is done once a month would be
 * forgotten by then. Failed ones are dead letters, as everywhere.
 */
const planned: JobOptions = {
  attempts: 10,
  backoff: { type: 'exponential', delay: 500, jitter: 0.5 },
  stackTraceLimit: 10,
  removeOnComplete: { count: 500 },
};

/** One row per job: a missing name, or a missing setting, does not compile. */
export const MAINTENANCE_JOB_OPTIONS = {
  PURGE_DELETED_CUSTOMERS: planned,
  CLEAN_IMPORTS: planned,
} as const satisfies Record<MaintenanceJobName, JobOptions>;
