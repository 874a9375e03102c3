import { Job, type JobsOptions, type Queue, SpanKind, TelemetryAttributes } from 'bullmq';
import type { ChainableCommander } from 'ioredis';
import { versioned } from '../../queue/job-versions';
import { orUnavailable, QueueUnavailable } from '../../queue/queue-unavailable';
import { CUSTOMER_JOB_OPTIONS, CUSTOMER_JOB_VERSIONS, type Payload } from './customer.jobs';
import { chunkPriority, type FairPlace } from './job-priority';
import type { Placement } from './placement';

/** What goes with the jobs, in their transaction: its commands before them, and after. */
export interface Company {
  before?: (transaction: ChainableCommander) => void;
  /** @param jobs their keys */
  after?: (transaction: ChainableCommander, jobs: string[]) => void;
}

/** Jobs of one name, one per chunk of an import. */
export interface ChunkJobs<N extends 'BULK_IMPORT_CUSTOMERS' | 'UNDO_IMPORT'> {
  name: N;
  chunks: readonly Payload<N>[];
  jobIdOf: (chunk: Payload<N>) => string;
  placement: Placement;
  place: FairPlace;
}

/**
 * Adds jobs, and what goes with them, in one transaction: a connection that is lost on the way leaves all of it, or
 * none. Jobs that are there stay as they are.
 * @returns keys of the jobs
 * @throws QueueUnavailable
 */
export async function addChunkJobs<N extends 'BULK_IMPORT_CUSTOMERS' | 'UNDO_IMPORT'>(
  queue: Queue,
  jobs: ChunkJobs<N>,
  company: Company = {},
): Promise<string[]> {
  // As BullMQ does for jobs that it adds itself: what of the trace is handed on with each of them.
  return await queue.trace(SpanKind.PRODUCER, 'add', `${queue.name}.${jobs.name}`, (span, metadata) => {
    span?.setAttributes({
      [TelemetryAttributes.JobName]: jobs.name,
      [TelemetryAttributes.BulkCount]: jobs.chunks.length,
    });
    return addAll(queue, jobs, company, metadata === undefined ? {} : { telemetry: { metadata } });
  });
}

async function addAll<N extends 'BULK_IMPORT_CUSTOMERS' | 'UNDO_IMPORT'>(
  queue: Queue,
  { name, chunks, jobIdOf, placement: { priority, delayMs }, place }: ChunkJobs<N>,
  { before, after }: Company,
  traced: Pick<JobsOptions, 'telemetry'>,
): Promise<string[]> {
  // BullMQ's `addBulk` is a pipeline, which may arrive in part, and its flows take no commands of others.
  const backend = queue.getBackend();
  const jobs = (await backend.client).multi();
  const transaction = jobs as unknown as ChainableCommander;
  before?.(transaction);
  for (const chunk of chunks) {
    const options = {
      ...CUSTOMER_JOB_OPTIONS[name],
      ...chunkPriority(priority, chunk.chunk, place),
      ...(delayMs > 0 && { delay: delayMs }),
      ...traced,
    };
    const job = new Job(queue, name, versioned(chunk, CUSTOMER_JOB_VERSIONS[name]), options, jobIdOf(chunk));
    await backend.addJobToTransaction(jobs, job.asJSON(), jobIdOf(chunk));
  }
  const keys = chunks.map((chunk) => queue.toKey(jobIdOf(chunk)));
  after?.(transaction, keys);
  const replies = await orUnavailable(transaction.exec());
  // What Redis refused within the transaction, such as for want of memory: the rest of it is done.
  for (const [error] of replies ?? []) if (error) throw new QueueUnavailable(error, true);
  return keys;
}
