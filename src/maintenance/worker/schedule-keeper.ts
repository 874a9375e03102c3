import { setTimeout } from 'node:timers/promises';
import { InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Environment } from '../../config/environment';
import { LOGGER, type Logger } from '../../logging/logger';
import { versioned } from '../../queue/job-versions';
import { MAINTENANCE_JOB_OPTIONS, MAINTENANCE_JOB_VERSIONS, MAINTENANCE_QUEUE } from '../maintenance.jobs';
import { SCHEDULE_TIME_ZONE, schedulesOf, type MaintenanceSchedule } from '../maintenance-schedules';

const RETRY_DELAY_MS = 10_000;

/** Plans the work that is due again and again. Each worker does, at its start: the last one's settings count. */
@Injectable()
export class ScheduleKeeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();

  constructor(
    @InjectQueue(MAINTENANCE_QUEUE) private readonly queue: Queue,
    private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** In the background: a Redis that takes no writes keeps no worker from what it has to do. */
  onApplicationBootstrap(): void {
    void this.plan();
  }

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  private async plan(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        for (const schedule of schedulesOf(this.environment)) await this.keep(schedule);
        return;
      } catch (error) {
        // Stopped in the middle of it: the connection was closed under it.
        if (this.stopping.signal.aborted) return;
        this.logger.warn({ error: String(error), queue: this.queue.name }, 'Schedules could not be kept');
        await setTimeout(RETRY_DELAY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  private async keep({ name, pattern }: MaintenanceSchedule): Promise<void> {
    if (pattern === undefined) {
      if (await this.queue.removeJobScheduler(name)) this.logger.info({ schedule: name }, 'Schedule removed');
      return;
    }
    if (await this.isKept(name, pattern)) return;
    const opts = MAINTENANCE_JOB_OPTIONS[name];
    const data = versioned({}, MAINTENANCE_JOB_VERSIONS[name]);
    await this.queue.upsertJobScheduler(name, { pattern, tz: SCHEDULE_TIME_ZONE }, { name, data, opts });
    this.logger.info({ schedule: name, pattern }, 'Schedule kept');
  }

  /**
   * BullMQ plans a schedule that is put again from now on: a run that is due, and that no worker took while all were
   * away, would be lost. So one that has not changed, and whose next run is there, stays as it is.
   */
  private async isKept(name: string, pattern: string): Promise<boolean> {
    const kept = await this.queue.getJobScheduler(name);
    if (kept?.pattern !== pattern || kept.tz !== SCHEDULE_TIME_ZONE) return false;
    const state = await this.queue.getJobState(`repeat:${name}:${kept.next ?? ''}`);
    return state === 'delayed' || state === 'waiting' || state === 'prioritized' || state === 'active';
  }
}
