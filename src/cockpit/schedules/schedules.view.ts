/** What became of a schedule's last run that ended. */
export interface LastRunView {
  /** ISO 8601 */
  at: string;
  status: 'completed' | 'failed';
  /** Of one that completed: counts. */
  result: unknown;
  /** Of one that failed. */
  error: string | null;
}

export interface ScheduleView {
  queue: string;
  id: string;
  /** Name of its jobs. */
  type: string;
  cron: string | null;
  tz: string | null;
  /** ISO 8601 */
  next: string | null;
  /** Null also where the queue has forgotten it. */
  lastRun: LastRunView | null;
}

export interface DelayedJobView {
  queue: string;
  jobId: string;
  type: string;
  tenantId: string | null;
  /** ISO 8601 */
  due: string;
}

export interface DelayedJobsView {
  /** Soonest first. */
  items: DelayedJobView[];
  /** Of all queues. */
  total: number;
  /** Null on the last page. */
  nextCursor: string | null;
}

export interface SchedulesView {
  repeating: ScheduleView[];
  delayed: DelayedJobsView;
}
