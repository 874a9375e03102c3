import { Inject, Injectable } from '@nestjs/common';
import { Job, type Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { AdminVisitor } from '../../auth/admin-visitor';
import { JobHistoryReader } from '../../customer/job-history/job-history.reader';
import { CUSTOMER_QUEUE } from '../../customer/jobs/customer.jobs';
import { maskedPayload } from '../../customer/jobs/masked-payload';
import type { LoggedEvent } from '../../events/event-log';
import { JobEvents } from '../../events/job-events';
import { QUEUES } from '../../queue/queues.module';
import { dueAtOf } from '../schedules/delayed-jobs';
import { shownError } from '../shown-error';
import { foundInHistory, iso, type FoundJobView } from './found-jobs.view';
import { stateOf } from './queued-jobs';

export interface JobStoryView extends FoundJobView {
  userId: string | null;
  /** Null for a job that only the history has. Masked for all but admins, as the result is. */
  payload: unknown;
  masked: boolean;
  result: unknown;
  /** Of each attempt that threw, the last ones; not for viewers, since a driver's message may quote what was written. */
  stack: string[];
  maxAttempts: number | null;
  /** How often its worker was lost or hung. */
  stalled: number;
  priority: number;
  /** ISO 8601: when it may run, or may run again. */
  dueAt: string | null;
  waitMs: number | null;
  runMs: number | null;
  events: { place: string; type: string; at: string }[];
}

/** Events of a job follow its end within this, in ms; and its clock is not Redis'. */
const EVENTS_MARGIN_MS = 60_000;

/** All that is known of one job. */
@Injectable()
export class JobStories {
  constructor(
    @Inject(QUEUES) private readonly queues: readonly Queue[],
    private readonly redis: Redis,
    private readonly history: JobHistoryReader,
    private readonly events: JobEvents,
  ) {}

  /** @returns undefined when neither the queue nor the history has it @throws when Redis or MongoDB does not answer */
  async tell(queueName: string, jobId: string, visitor: AdminVisitor): Promise<JobStoryView | undefined> {
    const queue = this.queues.find(({ name }) => name === queueName);
    if (!queue) return undefined;
    const { role } = visitor;
    const mayKnow = role === 'admin';
    const shown = (data: unknown): unknown => (mayKnow ? data : maskedPayload(data));
    const job = await Job.fromId<Record<string, unknown>, unknown>(queue, jobId);
    const story = job
      ? await this.ofQueue(queue, job)
      : queueName === CUSTOMER_QUEUE
        ? await this.ofHistory(jobId)
        : undefined;
    if (!story) return undefined;
    const events = await this.eventsOf(story);
    const stack = role === 'viewer' ? [] : story.stack.map((one) => shownError(one, visitor));
    return {
      ...story,
      error: shownError(story.error, visitor),
      payload: shown(story.payload),
      result: shown(story.result),
      stack,
      masked: !mayKnow,
      events,
    };
  }

  private async ofQueue(queue: Queue, job: Job<Record<string, unknown>, unknown>) {
    const { data, timestamp, processedOn, finishedOn } = job;
    const text = (field: string): string | null => {
      const value = data[field];
      return typeof value === 'string' ? value : null;
    };
    // Options keep when it was first due; between attempts that is past.
    const delayed = await this.redis.zscore(queue.toKey('delayed'), job.id ?? '');
    const dueAtMs = delayed === null ? timestamp + (job.opts.delay ?? 0) : dueAtOf(Number(delayed));
    return {
      queue: queue.name,
      jobId: job.id ?? '',
      type: job.name,
      state: stateOf(await job.getState()) ?? ('waiting' as const),
      tenantId: text('tenantId'),
      requestId: text('requestId'),
      customerId: text('customerId'),
      importId: text('importId'),
      userId: text('userId'),
      payload: data as unknown,
      result: job.returnvalue,
      error: (job.failedReason as string | undefined) ?? null,
      stack: job.stacktrace ?? [],
      attempts: job.attemptsMade,
      maxAttempts: job.opts.attempts ?? 1,
      stalled: job.stalledCounter,
      priority: job.priority,
      queuedAt: iso(timestamp),
      dueAt: iso(dueAtMs),
      startedAt: iso(processedOn),
      finishedAt: iso(finishedOn),
      // A later attempt's start says how long the others took.
      waitMs:
        processedOn === undefined || job.attemptsStarted > 1 ? null : Math.max(0, processedOn - dueAtMs),
      runMs:
        processedOn === undefined || finishedOn === undefined ? null : Math.max(0, finishedOn - processedOn),
      source: 'queue' as const,
    };
  }

  private async ofHistory(jobId: string) {
    const [job] = await this.history.search({ jobId }, 1);
    if (!job) return undefined;
    const { startedAt, finishedAt } = job;
    return {
      ...foundInHistory(CUSTOMER_QUEUE, job),
      userId: null,
      payload: null as unknown,
      result: job.result as unknown,
      stack: [],
      maxAttempts: null,
      stalled: 0,
      priority: 0,
      dueAt: null,
      waitMs: null,
      runMs: startedAt === null ? null : finishedAt.getTime() - startedAt.getTime(),
    };
  }

  private async eventsOf({ jobId, queuedAt, finishedAt }: FoundJobView): Promise<JobStoryView['events']> {
    if (queuedAt === null) return [];
    const toMs = finishedAt === null ? undefined : Date.parse(finishedAt) + EVENTS_MARGIN_MS;
    const events = await this.events.find(jobId, Date.parse(queuedAt) - EVENTS_MARGIN_MS, toMs);
    return events.map(toView);
  }
}

const toView = ({ place, type }: LoggedEvent) => ({
  place,
  type,
  at: new Date(Number(place.split('-', 1)[0])).toISOString(),
});
