import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { QUEUES } from '../../queue/queues.module';
import { JobReader, type StoredJobFacts } from '../../queue/search/job-reader';
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

  /** In whatever queue it is, where all else that is asked for is so, too. */
  async byId(jobId: string, query: FindJobsQuery): Promise<QueuedJobsFound> {
    const wish = wishOf(query, undefined);
    const found = await Promise.all(
      this.queues.map(async (queue) => {
        const state = stateOf(await queue.getJobState(jobId));
        return state ? { queue, state, facts: await this.reader.read(queue, [jobId]) } : undefined;
      }),
    );
    const jobs = found.flatMap((one) => one?.facts.map((facts) => ({ ...one, facts })) ?? []);
    const items = jobs
      .filter(({ queue }) => query.queue === undefined || query.queue === queue.name)
      .filter(({ facts, state }) => isMeant(facts, state, wish))
      .map(({ queue, facts, state }) => foundInQueue(queue.name, facts, state));
    return { items, searched: jobs.length, complete: true };
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

/** As the search in Redis decides it. */
function isMeant(
  { type, error, payload }: StoredJobFacts,
  state: JobState,
  { states, type: wished, error: part, payload: groups }: JobWish,
): boolean {
  const stored = JSON.stringify(payload);
  return (
    states.includes(state) &&
    (wished === undefined || wished === type) &&
    (part === undefined || (error?.toLowerCase().includes(part.toLowerCase()) ?? false)) &&
    groups.every((texts) => texts.some((text) => stored.includes(text)))
  );
}
