import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { AcceptanceOrder } from '../../queue/acceptance-order';
import { JobReader, type StoredJobFacts } from '../../queue/search/job-reader';
import { type FoundJob, JOB_STATES, jsonField, JobSearch } from '../../queue/search/job-search';
import { CUSTOMER_QUEUE, type CustomerJobName } from '../jobs/customer.jobs';
import { WriteAhead } from '../worker/job-turns';
import { ErasedCustomers } from './erased-customers';
import { mentionsOf, namedIn, type ErasedPerson, type Named } from './erased-person';

/** Jobs of one look, by their ids; more about one customer are none of ours. */
const MOST = 10_000;
/** Jobs that are read at once: a payload may be large. */
const READ_AT_ONCE = 100;
/** Longest look through one queue, in ms. */
const SEARCH_MS = 60_000;

/** Says which customer, and nothing of it. */
const BARE: CustomerJobName = 'DELETE_CUSTOMER';

/** The look through a queue did not come to its end in time: the erasure is retried later. */
export class SearchCutOff extends Error {
  override readonly name = 'SearchCutOff';
}

/** A job that is to be removed. */
export interface JobTrace {
  jobId: string;
  /** Completed or dead: nobody waits for it. */
  isOver: boolean;
}

/** Finds jobs that say something of a person, and were accepted before the erasure. */
@Injectable()
export class JobTraces {
  constructor(
    private readonly search: JobSearch,
    private readonly reader: JobReader,
    private readonly order: AcceptanceOrder,
    private readonly customers: ErasedCustomers,
  ) {}

  /** @throws WriteAhead while one of them is at work; SearchCutOff */
  async find(queue: Queue, person: ErasedPerson): Promise<JobTrace[]> {
    const payload = [[jsonField('tenantId', person.tenantId)], mentionsOf(person)];
    const { jobs, complete } = await this.search.find(
      queue,
      { states: JOB_STATES, payload },
      MOST,
      performance.now() + SEARCH_MS,
    );
    const states = new Map(jobs.map(({ jobId, state }) => [jobId, state]));
    const traces: string[] = [];
    for (let from = 0; from < jobs.length; from += READ_AT_ONCE)
      traces.push(...(await this.among(queue, person, jobs.slice(from, from + READ_AT_ONCE))));
    const active = traces.find((jobId) => states.get(jobId) === 'active');
    if (active !== undefined) throw new WriteAhead(active);
    if (!complete && traces.length === 0)
      throw new SearchCutOff(`The look through queue ${queue.name} was cut off`);
    return traces.map((jobId) => ({
      jobId,
      isOver: ['completed', 'failed'].includes(states.get(jobId) ?? ''),
    }));
  }

  private async among(queue: Queue, person: ErasedPerson, jobs: readonly FoundJob[]): Promise<string[]> {
    const facts = await this.reader.read(
      queue,
      jobs.map(({ jobId }) => jobId),
    );
    const older: StoredJobFacts[] = [];
    for (const fact of facts) if (await this.isOlder(queue, fact, person)) older.push(fact);
    return (await this.customers.tracesOf(person, older, whoIn)).map(({ jobId }) => jobId);
  }

  /** Only writes have a place in the order; of what they came to, all that can be there came before. */
  private async isOlder(queue: Queue, { jobId, type, payload }: StoredJobFacts, person: ErasedPerson) {
    if (queue.name !== CUSTOMER_QUEUE) return true;
    if (jobId === person.jobId || type === BARE) return false;
    const { order } = await this.order.of(jobId, Number(payload.acceptedAt ?? 0));
    return order < person.order;
  }
}

/** A write names the customer itself, a delivery or an e-mail does so in its event. */
function whoIn({ payload }: StoredJobFacts): Named {
  const { event } = payload as { event?: { data?: unknown } };
  return namedIn(event?.data ?? payload);
}
