import type { Environment } from '../config/environment';
import type { MaintenanceJobName } from './maintenance.jobs';

/** Cron patterns are read in it, wherever a worker runs. */
export const SCHEDULE_TIME_ZONE = 'UTC';

/** When a job is due, as a cron pattern; undefined for never. One row per job: a missing name does not compile. */
const PATTERNS: { [N in MaintenanceJobName]: (environment: Environment) => string | undefined } = {
  PURGE_DELETED_CUSTOMERS: ({ purge }) => (purge.afterMs === undefined ? undefined : purge.cron),
  CLEAN_IMPORTS: ({ cleanImportsCron }) => cleanImportsCron,
};

export interface MaintenanceSchedule {
  name: MaintenanceJobName;
  pattern: string | undefined;
}

/** What is to be planned. A job's schedule has its name as id. */
export const schedulesOf = (environment: Environment): MaintenanceSchedule[] =>
  (Object.keys(PATTERNS) as MaintenanceJobName[]).map((name) => ({
    name,
    pattern: PATTERNS[name](environment),
  }));
