import { Inject, Injectable } from '@nestjs/common';
import { Job, type JobSchedulerJson, type Queue } from 'bullmq';
import { QUEUES } from '../../queue/queues.module';
import { JobReader, type StoredJobFacts } from '../../queue/search/job-reader';
import { iso } from '../jobs/found-jobs.view';
import type { LastRunView, ScheduleView } from './schedules.view';

/** Schedules of a queue that are shown. */
const MOST_SCHEDULES = 100;
/** Jobs that ended last, well and not, among which a schedule's last run is looked for. */
const LOOKED_AT = 500;

/** What the queues do again and again, when next, and what came of it last. */
@Injectable()
export class ScheduleReader {
  constructor(
    @Inject(QUEUES) private readonly queues: readonly Queue[],
    private readonly jobs: JobReader,
  ) {}

  async read(): Promise<ScheduleView[]> {
    return (await Promise.all(this.queues.map((queue) => this.ofQueue(queue)))).flat();
  }

  private async ofQueue(queue: Queue): Promise<ScheduleView[]> {
    const schedules = await queue.getJobSchedulers(0, MOST_SCHEDULES - 1, true);
    if (schedules.length === 0) return [];
    const ended = await this.ended(queue);
    return Promise.all(
      schedules.map(async (schedule) => ({
        ...toView(queue.name, schedule),
        lastRun: await this.lastRun(queue, ended.get(schedule.name)),
      })),
    );
  }

  /** By name, the job that ended last: by the clock, or because a person let it run. */
  private async ended(queue: Queue): Promise<Map<string, StoredJobFacts>> {
    const ids = await Promise.all([
      queue.getRanges(['completed'], 0, LOOKED_AT - 1),
      queue.getRanges(['failed'], 0, LOOKED_AT - 1),
    ]);
    const last = new Map<string, StoredJobFacts>();
    for (const job of await this.jobs.read(queue, ids.flat())) {
      const { finishedAtMs = 0 } = last.get(job.type) ?? {};
      if ((job.finishedAtMs ?? 0) >= finishedAtMs) last.set(job.type, job);
    }
    return last;
  }

  private async lastRun(queue: Queue, facts: StoredJobFacts | undefined): Promise<LastRunView | null> {
    const job = facts && (await Job.fromId<unknown, unknown>(queue, facts.jobId));
    if (!job?.finishedOn) return null;
    const error = (job.failedReason as string | undefined) ?? null;
    return {
      at: new Date(job.finishedOn).toISOString(),
      status: error === null ? 'completed' : 'failed',
      result: error === null ? job.returnvalue : null,
      error,
    };
  }
}

const toView = (queue: string, { key, name, pattern, tz, next }: JobSchedulerJson) => ({
  queue,
  id: key,
  type: name,
  cron: pattern ?? null,
  tz: tz ?? null,
  next: iso(next),
});
