import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { Actor } from '../../audit/audit-log';
import { envelope, type Envelope } from '../../http/envelope';
import { QueuePipe } from '../../queue/dead-letters/queue.pipe';
import { orUnavailable } from '../../queue/queue-unavailable';
import { COCKPIT_API } from '../cockpit-paths';
import { CockpitRoutes, CurrentActor } from '../visitor';
import { DelayedJobs } from './delayed-jobs';
import { ListSchedulesQuery } from './list-schedules.query';
import { ScheduleActs, type StartedRun } from './schedule-acts';
import { ScheduleReader } from './schedule-reader';
import type { SchedulesView } from './schedules.view';

/** What runs later, once or again and again. Nothing is cancelled here: a caller was told that it is accepted. */
@CockpitRoutes()
@Controller(`${COCKPIT_API}/schedules`)
export class CockpitSchedulesController {
  constructor(
    private readonly schedules: ScheduleReader,
    private readonly delayed: DelayedJobs,
    private readonly acts: ScheduleActs,
  ) {}

  @Get()
  async list(@Query() { limit, cursor }: ListSchedulesQuery): Promise<Envelope<SchedulesView>> {
    const [repeating, delayed] = await orUnavailable(
      Promise.all([this.schedules.read(), this.delayed.list(limit, cursor)]),
    );
    return envelope('Schedules listed', { repeating, delayed });
  }

  @Post('delayed/:queue/:jobId/run')
  @HttpCode(202)
  async promote(
    @Param('queue', QueuePipe) queue: Queue,
    @Param('jobId') jobId: string,
    @CurrentActor() actor: Actor,
  ): Promise<Envelope<StartedRun>> {
    return envelope('Runs now', await this.acts.promote(queue, jobId, actor));
  }

  @Post(':queue/:id/run')
  @HttpCode(202)
  async run(
    @Param('queue', QueuePipe) queue: Queue,
    @Param('id') id: string,
    @CurrentActor() actor: Actor,
  ): Promise<Envelope<StartedRun>> {
    return envelope('Runs now', await this.acts.run(queue, id, actor));
  }
}
