import { InjectQueue } from '@nestjs/bullmq';
import { Controller, Get, NotFoundException, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Queue } from 'bullmq';
import { Caller } from '../../auth/access';
import type { Principal } from '../../auth/principal';
import { ApiRead } from '../../http/api-answers';
import { envelope, type Envelope } from '../../http/envelope';
import { orUnavailable } from '../../queue/queue-unavailable';
import { ImportRecords } from '../import/import-records';
import { JobHistoryReader } from '../job-history/job-history.reader';
import { CUSTOMER_QUEUE, type Origin } from '../jobs/customer.jobs';
import { IdPipe } from './id.pipe';
import { endedToJobView, importToJobView, JobView, toJobView } from './job.view';

/** What became of a write. */
@ApiTags('jobs')
@Controller('api/jobs')
export class JobController {
  constructor(
    @InjectQueue(CUSTOMER_QUEUE) private readonly queue: Queue<Origin>,
    private readonly imports: ImportRecords,
    private readonly history: JobHistoryReader,
  ) {}

  @Get(':jobId')
  @ApiRead(JobView, 'Reads a job: whether it is done, and what came of it', 404)
  async get(
    @Param('jobId', IdPipe) jobId: string,
    @Caller() { tenantId }: Principal,
  ): Promise<Envelope<JobView>> {
    const view =
      (await orUnavailable(this.inQueue(jobId, tenantId))) ?? (await this.inHistory(jobId, tenantId));
    if (!view) throw new NotFoundException('There is no such job.');
    return envelope('Job found', view);
  }

  private async inQueue(jobId: string, tenantId: string): Promise<JobView | undefined> {
    const [record, found] = await Promise.all([this.imports.find(tenantId, jobId), this.queue.getJob(jobId)]);
    if (record) return importToJobView(record);
    // Its state is looked for in place after place: for another tenant's job as little as for one that is not there.
    if (found?.data.tenantId !== tenantId) return undefined;
    const state = await this.queue.getJobState(jobId);
    // After its state: what a finished job left is there by now.
    const job = await this.queue.getJob(jobId);
    return job && toJobView(job, state);
  }

  /** What ended so long ago that the queue does not know it. */
  private async inHistory(jobId: string, tenantId: string): Promise<JobView | undefined> {
    const ended = await this.history.find(tenantId, jobId);
    return ended ? endedToJobView(ended) : undefined;
  }
}
