import { ConflictException, Injectable } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { AcceptanceOrder } from '../../queue/acceptance-order';
import { CUSTOMER_QUEUE, type Origin } from './customer.jobs';
import { isKnownJob } from './customer-payloads';
import { lanesOf } from './customer-lanes';

/**
 * Writes that callers planned for later, and that a person lets run now. A planned write counts as accepted when it is due;
 * run early, it must count as accepted now: else it would win over all that is accepted until then.
 */
@Injectable()
export class PlannedWrites {
  constructor(
    private readonly redis: Redis,
    private readonly order: AcceptanceOrder,
  ) {}

  /** Also takes jobs of other queues, for which it is nothing special. @throws ConflictException */
  refuseUnlessSingle(job: Job<unknown>): void {
    if (!isPlannedAhead(job) || (job.name !== 'BULK_IMPORT_CUSTOMERS' && job.name !== 'UNDO_IMPORT')) return;
    throw new ConflictException(
      'A planned import is not run early by its chunks: its rows count as accepted at its time.',
    );
  }

  /** Call it right before the job is promoted. Called twice, the second time changes nothing. */
  async bringForward(queue: Queue, job: Job<unknown>): Promise<void> {
    const { id = '', name, data } = job;
    if (!isPlannedAhead(job) || !isKnownJob(name)) return;
    const key = queue.toKey(id);
    const stored = await this.redis.hget(key, 'opts');
    if (stored === null) return;
    const { acceptedAt } = data as Origin;
    const { joins } = lanesOf(name, data as never);
    await this.order.bringForward({ jobId: id, lanes: joins }, acceptedAt, key, (delayMs) =>
      JSON.stringify({ ...(JSON.parse(stored) as object), delay: delayMs }),
    );
  }
}

const isPlannedAhead = ({ queueName, timestamp, opts: { delay = 0 } }: Job<unknown>): boolean =>
  queueName === CUSTOMER_QUEUE && timestamp + delay > Date.now();
