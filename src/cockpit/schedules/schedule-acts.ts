import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { Job, type Queue } from 'bullmq';
import { AuditLog, type Actor } from '../../audit/audit-log';
import { PlannedWrites } from '../../customer/jobs/planned-writes';
import { orUnavailable } from '../../queue/queue-unavailable';

const MINUTE_MS = 60_000;
/** How BullMQ names the next run of a schedule. */
const SCHEDULED = 'repeat:';

export interface StartedRun {
  queue: string;
  jobId: string;
}

/** Lets run now what is planned for later; it is written down first. */
@Injectable()
export class ScheduleActs {
  constructor(
    private readonly audit: AuditLog,
    private readonly planned: PlannedWrites,
  ) {}

  /**
   * One run more than planned, and no more than one a minute: a second click finds the job of the first.
   * @throws NotFoundException, QueueUnavailable
   */
  async run(queue: Queue, id: string, actor: Actor): Promise<StartedRun> {
    const schedule = await orUnavailable(queue.getJobScheduler(id));
    if (!schedule) throw new NotFoundException('There is no such schedule.');
    const jobId = `run-${id.replaceAll(':', '-')}-${Math.floor(Date.now() / MINUTE_MS)}`;
    const act = { action: 'schedule.run' as const, queue: queue.name, jobIds: [jobId] };
    await this.audit.record(actor, { ...act, details: { schedule: id } });
    const { template } = schedule;
    const options = { ...template?.opts, jobId };
    await orUnavailable(queue.add(schedule.name, (template?.data ?? {}) as object, options));
    return { queue: queue.name, jobId };
  }

  /**
   * Instead of later.
   * @throws NotFoundException, ConflictException for what is not run early by itself, QueueUnavailable
   */
  async promote(queue: Queue, jobId: string, actor: Actor): Promise<StartedRun> {
    if (jobId.startsWith(SCHEDULED))
      throw new ConflictException('This is the next run of a schedule: run the schedule instead.');
    const job = await orUnavailable(this.delayed(queue, jobId));
    this.planned.refuseUnlessSingle(job);
    const act = { action: 'delayed.promote' as const, queue: queue.name, jobIds: [jobId] };
    await this.audit.record(actor, act);
    await orUnavailable(this.planned.bringForward(queue, job));
    try {
      await orUnavailable(job.promote());
    } catch (error) {
      // Its time had come.
      await orUnavailable(this.delayed(queue, jobId));
      throw error;
    }
    return { queue: queue.name, jobId };
  }

  private async delayed(queue: Queue, jobId: string): Promise<Job<unknown>> {
    const job = await Job.fromId<unknown>(queue, jobId);
    if (!job || !(await job.isDelayed())) throw new NotFoundException('There is no such delayed job.');
    return job;
  }
}
