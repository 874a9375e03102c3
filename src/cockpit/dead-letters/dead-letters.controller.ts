import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  Post,
  Query,
} from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { Actor } from '../../audit/audit-log';
import { envelope, type Envelope } from '../../http/envelope';
import { ActStore, type ActProgress } from '../../queue/dead-letters/act-store';
import { DeadLetterActs, type StartedAct } from '../../queue/dead-letters/dead-letter-acts';
import { DeadLetterSurvey, type DeadLetterGroup } from '../../queue/dead-letters/dead-letter-survey';
import { QueuePipe } from '../../queue/dead-letters/queue.pipe';
import { orUnavailable } from '../../queue/queue-unavailable';
import { COCKPIT_API } from '../cockpit-paths';
import type { AdminVisitor } from '../../auth/admin-visitor';
import { shownError } from '../shown-error';
import { CockpitRoutes, CurrentActor, CurrentVisitor } from '../visitor';
import { ActOnDeadLettersDto, CountDeadLettersDto, toFilter } from './dead-letter-filter.dto';

export interface GroupsView {
  queue: string;
  total: number;
  groups: DeadLetterGroup[];
  /** The act that is running, or the last one of a day. */
  act: ActProgress | null;
}

export interface DeadLettersCounted {
  count: number;
  /** ISO 8601: what dies later is not among them. */
  at: string;
}

/** Dead letters by their cause, and what a person does about many of them. */
@CockpitRoutes()
@Controller(`${COCKPIT_API}/dead-letters`)
export class CockpitDeadLettersController {
  constructor(
    private readonly survey: DeadLetterSurvey,
    private readonly acts: DeadLetterActs,
    private readonly store: ActStore,
    private readonly queues: QueuePipe,
  ) {}

  @Get()
  async groups(
    @Query('queue', QueuePipe) queue: Queue,
    @CurrentVisitor() visitor: AdminVisitor,
  ): Promise<Envelope<GroupsView>> {
    const [found, act, total] = await orUnavailable(
      Promise.all([this.survey.groups(queue), this.store.read(queue), queue.getFailedCount()]),
    );
    const groups = found.map((group) => ({ ...group, sample: shownError(group.sample, visitor) }));
    return envelope('Dead letters grouped', { queue: queue.name, total, groups, act });
  }

  /** What an act on the same filter, on what had died until then, would be about. */
  @Post('count')
  @HttpCode(200)
  async count(@Body() { queue: name, filter }: CountDeadLettersDto): Promise<Envelope<DeadLettersCounted>> {
    const at = new Date().toISOString();
    const jobIds = await orUnavailable(this.survey.select(this.queues.transform(name), toFilter(filter)));
    return envelope('Dead letters counted', { count: jobIds.length, at });
  }

  @Post('acts')
  @HttpCode(202)
  async act(@Body() wish: ActOnDeadLettersDto, @CurrentActor() actor: Actor): Promise<Envelope<StartedAct>> {
    const { act, perSecond, filter = {} } = wish;
    const queue = this.queues.transform(wish.queue);
    const jobIds = await orUnavailable(this.survey.select(queue, toFilter(filter)));
    const action =
      act === 'replay' ? ('dead-letter.retry-found' as const) : ('dead-letter.delete-found' as const);
    const audited = { action, details: { ...filter } };
    return envelope('Begun', await this.acts.start(queue, { act, jobIds, perSecond, audited }, actor));
  }

  /** What had its turn stays done. */
  @Delete('acts/:queue')
  @HttpCode(202)
  async cancel(
    @Param('queue', QueuePipe) queue: Queue,
    @CurrentActor() actor: Actor,
  ): Promise<Envelope<{ queue: string }>> {
    if (!(await this.acts.cancel(queue, actor)))
      throw new NotFoundException('Nothing of this queue is running.');
    return envelope('Cancelled', { queue: queue.name });
  }
}
