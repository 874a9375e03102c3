import { Inject, Injectable } from '@nestjs/common';
import { CustomerReader } from '../../customer/customer.reader';
import { JobHistoryReader } from '../../customer/job-history/job-history.reader';
import { CUSTOMER_QUEUE } from '../../customer/jobs/customer.jobs';
import { LOGGER, type Logger } from '../../logging/logger';
import { isMongoOutage } from '../../mongo/mongo-outage';
import { orUnavailable } from '../../queue/queue-unavailable';
import type { FindJobsQuery } from './find-jobs.query';
import { foundInHistory, type FoundJobView, type FoundJobsView } from './found-jobs.view';
import { QueuedJobs } from './queued-jobs';

/** Longest search, in ms. */
const SEARCH_MS = 5_000;

/** Finds jobs in the queues, and by their ids those that ended too long ago to be there. */
@Injectable()
export class JobFinder {
  constructor(
    private readonly queued: QueuedJobs,
    private readonly history: JobHistoryReader,
    private readonly customers: CustomerReader,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws QueueUnavailable */
  async find(query: FindJobsQuery): Promise<FoundJobsView> {
    const startedAt = performance.now();
    const [past, ownerId] = await Promise.all([
      this.orMissing(() => this.past(query)),
      this.orMissing(() => this.ownerOf(query)),
    ]);
    const { jobId } = query;
    const { items, searched, complete } = await orUnavailable(
      jobId === undefined
        ? this.queued.find(query, ownerId.found, startedAt + SEARCH_MS)
        : this.queued.byId(jobId, query),
    );
    const known = new Set(items.map((item) => item.jobId));
    const all = [...items, ...(past.found ?? []).filter((item) => !known.has(item.jobId))];
    return {
      items: all.toSorted((a, b) => (b.queuedAt ?? '').localeCompare(a.queuedAt ?? '')).slice(0, query.limit),
      searched,
      complete: complete && !past.isMissing && !ownerId.isMissing,
      tookMs: Math.round(performance.now() - startedAt),
    };
  }

  /** Only what has an index: the history is long. */
  private async past(query: FindJobsQuery): Promise<FoundJobView[]> {
    const { jobId, customerId, requestId, email, error, importId, state, queue } = query;
    if (jobId === undefined && customerId === undefined && requestId === undefined) return [];
    // What the history does not have can't be asked of it.
    if (email !== undefined || error !== undefined || importId !== undefined) return [];
    if (state !== undefined && state !== 'completed' && state !== 'failed') return [];
    if (queue !== undefined && queue !== CUSTOMER_QUEUE) return [];
    const jobs = await this.history.search({ ...query, status: state }, query.limit);
    return jobs.map((job) => foundInHistory(CUSTOMER_QUEUE, job));
  }

  private async ownerOf({ tenantId, email }: FindJobsQuery): Promise<string | undefined> {
    if (tenantId === undefined || email === undefined) return undefined;
    const { items } = await this.customers.list(tenantId, {
      limit: 1,
      sort: 'createdAt',
      email: email.toLowerCase(),
    });
    return items[0]?._id;
  }

  /** Without MongoDB the queues are searched all the same. */
  private async orMissing<T>(ask: () => Promise<T>): Promise<{ found?: T; isMissing: boolean }> {
    try {
      return { found: await ask(), isMissing: false };
    } catch (error) {
      if (!isMongoOutage(error)) throw error;
      this.logger.debug({ err: error }, 'The history of jobs can not be read');
      return { isMissing: true };
    }
  }
}
