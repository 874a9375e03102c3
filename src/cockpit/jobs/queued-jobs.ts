import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { QUEUES } from '../../queue/queues.module';
import { JobReader } from '../../queue/search/job-reader';
import { JOB_STATES, jsonField, JobSearch, type JobState, type JobWish } from '../../queue/search/job-search';
import type { FindJobsQuery } from './find-jobs.query';
import { foundInQueue, type FoundJobView } from './found-jobs.view';

export interface QueuedJobsFound {
  items: FoundJobView[];
  searched: number;
  complete: boolean;
}

/** Finds jobs in the queues of the service. */
@Injectable()
export class QueuedJobs {
  constructor(
    @Inject(QUEUES) private readonly queues: readonly Queue[],
    private readonly search: JobSearch,
    private readonly reader: JobReader,
  ) {}

  /**
   * @param ownerId the customer whose email is asked for, where there is one: its other jobs do not carry it
   * @param untilMs by `performance.now()`
   */
  async find(query: FindJobsQuery, ownerId: string | undefined, untilMs: number): Promise<QueuedJobsFound> {
    const wish = wishOf(query, ownerId);
    const all: QueuedJobsFound = { items: [], searched: 0, complete: true };
    for (const queue of this.queues) {
      if (query.queue !== undefined && query.queue !== queue.name) continue;
      const { jobs, searched, complete } = await this.search.find(
        queue,
        wish,
        query.limit - all.items.length,
        untilMs,
      );
      const states = new Map(jobs.map(({ jobId, state }) => [jobId, state]));
      all.items.push(...(await this.views(queue, states)));
      all.searched += searched;
      all.complete &&= complete;
    }
    return all;
  }

  /** In whatever queue it is. */
  async byId(jobId: string): Promise<QueuedJobsFound> {
    const found = await Promise.all(
      this.queues.map(async (queue) => {
        const state = stateOf(await queue.getJobState(jobId));
        return state ? this.views(queue, new Map([[jobId, state]])) : [];
      }),
    );
    return { items: found.flat(), searched: this.queues.length, complete: true };
  }

  private async views(queue: Queue, states: Map<string, JobState>): Promise<FoundJobView[]> {
    const jobs = await this.reader.read(queue, [...states.keys()]);
    return jobs.map((facts) => foundInQueue(queue.name, facts, states.get(facts.jobId) ?? 'waiting'));
  }
}

/** @returns undefined for a job that is not there */
export function stateOf(state: string): JobState | undefined {
  if (state === 'prioritized' || state === 'waiting-children') return 'waiting';
  return JOB_STATES.find((known) => known === state);
}

function wishOf(query: FindJobsQuery, ownerId: string | undefined): JobWish {
  const { state, type, error, email } = query;
  const fields = (['customerId', 'importId', 'tenantId', 'requestId'] as const).flatMap((name) => {
    const value = query[name];
    return value === undefined ? [] : [[jsonField(name, value)]];
  });
  const owners = ownerId === undefined ? [] : [jsonField('customerId', ownerId)];
  const emails = email === undefined ? [] : [[jsonField('email', email.toLowerCase()), ...owners]];
  return { states: state === undefined ? JOB_STATES : [state], type, error, payload: [...fields, ...emails] };
}
