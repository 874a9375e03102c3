import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import { context, type Context } from '@opentelemetry/api';
import type { JobsOptions, Queue } from 'bullmq';
import { Environment } from '../../config/environment';
import { type Accepted, AcceptanceOrder } from '../../queue/acceptance-order';
import { QueueIntake } from '../../queue/queue-intake';
import { versioned } from '../../queue/job-versions';
import { orUnavailable, QueueUnavailable } from '../../queue/queue-unavailable';
import { Batch, REQUESTS_AT_ONCE } from '../../timing/batch';
import {
  CUSTOMER_JOB_OPTIONS,
  CUSTOMER_JOB_VERSIONS,
  CUSTOMER_QUEUE,
  type CustomerJobName,
  type Payload,
} from './customer.jobs';
import { lanesOf } from './customer-lanes';
import { singlePriority } from './job-priority';
import type { Placement } from './placement';

/** A job on its way onto the queue, and who waits for it. */
interface Entering extends Accepted {
  name: CustomerJobName;
  payload: object;
  options: JobsOptions;
  /** Of the trace that it belongs to. */
  caller: Context;
  resolve: (done: undefined) => void;
  reject: (error: unknown) => void;
}

/** What a payload may be larger than the body it came in: who asked, and numbers written out in full. */
const PAYLOAD_MARGIN_BYTES = 4 * 1024;

/**
 * The way of single writes onto the queue. Resolves when Redis has the job, as safe as ACK_DURABILITY says.
 * @throws QueueUnavailable within the command timeout; QueueFull
 */
@Injectable()
export class CustomerQueue {
  private readonly jobs = new Batch<Entering>((jobs) => {
    this.send(jobs);
  }, REQUESTS_AT_ONCE);

  constructor(
    @InjectQueue(CUSTOMER_QUEUE) private readonly queue: Queue,
    private readonly order: AcceptanceOrder,
    private readonly intake: QueueIntake,
    private readonly environment: Environment,
  ) {}

  async enqueue<N extends Exclude<CustomerJobName, 'BULK_IMPORT_CUSTOMERS' | 'UNDO_IMPORT'>>(
    name: N,
    payload: Payload<N>,
    jobId: string,
    { priority, delayMs }: Placement,
  ): Promise<void> {
    await this.intake.admit(1);
    const options = { ...this.settings(name, jobId, delayMs), ...singlePriority(priority) };
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const accepted = { jobId, delayMs, lanes: lanesOf(name, payload).joins };
    this.jobs.add({ ...accepted, name, payload, options, caller: context.active(), resolve, reject });
    await promise;
    await this.intake.added(CUSTOMER_QUEUE, name, 1);
  }

  /** All leave in this order on one connection, and travel together; each job has an outcome of its own. */
  private send(jobs: Entering[]): void {
    const stamped = this.order.stamp(jobs);
    // Each job that waits for it tells of its failure.
    stamped.catch(() => undefined);
    for (const job of jobs)
      context.with(job.caller, () => this.add(job, stamped)).then(job.resolve, job.reject);
  }

  private async add({ name, payload, options }: Entering, stamped: Promise<void>): Promise<undefined> {
    await orUnavailable(this.queue.add(name, versioned(payload, CUSTOMER_JOB_VERSIONS[name]), options));
    try {
      await stamped;
    } catch (error) {
      // The job is there, and only its place is not known.
      throw new QueueUnavailable(error, true);
    }
  }

  private settings(name: CustomerJobName, jobId: string, delayMs: number): JobsOptions {
    return {
      ...CUSTOMER_JOB_OPTIONS[name],
      jobId,
      sizeLimit: this.environment.bodyMaxBytes + PAYLOAD_MARGIN_BYTES,
      ...(delayMs > 0 && { delay: delayMs }),
    };
  }
}
