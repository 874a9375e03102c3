import { Controller, Get, NotFoundException, Param, Query } from '@nestjs/common';
import type { AdminVisitor } from '../../auth/admin-visitor';
import { envelope, type Envelope } from '../../http/envelope';
import { orUnavailable } from '../../queue/queue-unavailable';
import { COCKPIT_API } from '../cockpit-paths';
import { CockpitRoutes, CurrentVisitor } from '../visitor';
import { shownError } from '../shown-error';
import { FindJobsQuery } from './find-jobs.query';
import type { FoundJobsView } from './found-jobs.view';
import { JobFinder } from './job-finder';
import { JobStories, type JobStoryView } from './job-story';

@CockpitRoutes()
@Controller(`${COCKPIT_API}/jobs`)
export class CockpitJobsController {
  constructor(
    private readonly finder: JobFinder,
    private readonly stories: JobStories,
  ) {}

  @Get()
  async find(
    @Query() query: FindJobsQuery,
    @CurrentVisitor() visitor: AdminVisitor,
  ): Promise<Envelope<FoundJobsView>> {
    const found = await this.finder.find(query);
    const items = found.items.map((job) => ({ ...job, error: shownError(job.error, visitor) }));
    return envelope('Jobs found', { ...found, items });
  }

  @Get(':queue/:jobId')
  async tell(
    @Param('queue') queue: string,
    @Param('jobId') jobId: string,
    @CurrentVisitor() visitor: AdminVisitor,
  ): Promise<Envelope<JobStoryView>> {
    const story = await orUnavailable(this.stories.tell(queue, jobId, visitor));
    if (!story) throw new NotFoundException('There is no such job.');
    return envelope('Job found', story);
  }
}
