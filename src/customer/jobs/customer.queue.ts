import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { JobsOptions, Queue } from 'bullmq';
import { Environment } from '../../config/environment';
import { AcceptanceOrder } from '../../queue/acceptance-order';
import { DurabilityGate } from '../../queue/durability-gate';
import { QueueLimit } from '../../queue/queue-limit';
import { orUnavailable, QueueUnavailable } from '../../queue/queue-unavailable';
import { CUSTOMER_JOB_OPTIONS, CUSTOMER_QUEUE, type CustomerJobName, type Payload } from './customer.jobs';
import { lanesOf } from './customer-lanes';
import { singlePriority } from './job-priority';
import type { Placement } from './placement';

/** What a payload may be larger than the body it came in: who asked, and numbers written out in full. */
const PAYLOAD_MARGIN_BYTES = 4 * 1024;

/**
 * The way of single writes onto the queue. Resolves when Redis has the job, as safe as ACK_DURABILITY says.
 * @throws QueueUnavailable within the command timeout; QueueFull
 */
@Injectable()
export class CustomerQueue {
  constructor(
    @InjectQueue(CUSTOMER_QUEUE) private readonly queue: Queue,
    private readonly order: AcceptanceOrder,
    private readonly limit: QueueLimit,
    private readonly durability: DurabilityGate,
    private readonly environment: Environment,
  ) {}

  async enqueue<N extends Exclude<CustomerJobName, 'BULK_IMPORT_CUSTOMERS' | 'UNDO_IMPORT'>>(
    name: N,
    payload: Payload<N>,
    jobId: string,
    { priority, delayMs }: Placement,
  ): Promise<void> {
    await this.limit.admit(1);
    const options = { ...this.settings(name, jobId, delayMs), ...singlePriority(priority) };
    // Both leave in this order on one connection, and travel together.
    const stamped = this.order.stamp(jobId, delayMs, lanesOf(name, payload).joins);
    const [stamp, add] = await Promise.allSettled([stamped, this.queue.add(name, payload, options)]);
    if (add.status === 'rejected') await orUnavailable(Promise.reject(add.reason as Error));
    // The job is there, and only its place is not known.
    if (stamp.status === 'rejected') throw new QueueUnavailable(stamp.reason, true);
    await this.durability.settled();
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
