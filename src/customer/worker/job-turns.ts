import { Injectable } from '@nestjs/common';
import { InjectQueue } from '@nestjs/bullmq';
import { UnrecoverableError, type Queue } from 'bullmq';
import { AcceptanceOrder } from '../../queue/acceptance-order';
import { isRefusalReason, type RefusalReason } from '../customer-refused';
import { lanesOf, tenantLane } from '../jobs/customer-lanes';
import {
  CUSTOMER_QUEUE,
  type CreateCustomer,
  type CustomerJobName,
  type Origin,
} from '../jobs/customer.jobs';
import type { CustomerJob } from './customer-job';

/** A write that was accepted before must come first: this one waits, however long, and uses up no attempt. */
export class WriteAhead extends Error {
  override readonly name = 'WriteAhead';

  /** @param dueAtMs when that write is due, where it was planned for later; ms since 1970 */
  constructor(
    jobId: string,
    readonly dueAtMs = 0,
  ) {
    super(`Job ${jobId} was accepted before`);
  }
}

/** When a job's turn is. */
export interface Turn {
  /** What its write counts as in the order of acceptance, in µs since 1970. */
  order: number;
  /** What it is in its lanes. */
  due: number;
  /** It was refused before: a twin delivery gets the same answer. */
  refused?: RefusalReason;
}

const CREATE = 'CREATE_CUSTOMER' satisfies CustomerJobName;

/** A job is stamped just before it is added: one that is not there yet may still come. */
const ADDED_WITHIN_MS = 5_000;

/** Lets a job run when nothing that was accepted before it, and that it must not overtake, is still to come. */
@Injectable()
export class JobTurns {
  constructor(
    private readonly order: AcceptanceOrder,
    @InjectQueue(CUSTOMER_QUEUE) private readonly queue: Queue<Origin>,
  ) {}

  /** @throws WriteAhead */
  async take(job: CustomerJob): Promise<Turn> {
    const { order, refusal } = await this.order.of(job.id, job.data.acceptedAt);
    const due = order + Math.round((job.opts.delay ?? 0) * 1000);
    if (refusal !== undefined && isRefusalReason(refusal)) return { order, due, refused: refusal };
    await this.clear(due, lanesOf(job.name, job.data as never).follows);
    // A create counts from its acceptance: what was written to the customer meanwhile was meant for it.
    return { order: job.name === CREATE ? order : due, due };
  }

  /**
   * Resolves when no write that is due before is pending in these lanes: from then on none comes, since later ones are
   * due later.
   * @throws WriteAhead
   */
  async clear(due: number, lanes: readonly string[]): Promise<void> {
    const ahead = await this.ahead(due, lanes);
    if (ahead !== undefined) throw new WriteAhead(ahead);
  }

  /** @returns a job in one of the lanes that is due before, and still to come */
  async ahead(due: number, lanes: readonly string[]): Promise<string | undefined> {
    for (;;) {
      const ahead = await this.order.ahead(due, lanes);
      if (ahead === undefined || (await this.isToCome(ahead))) return ahead;
      // Removed by an operator, or its worker died between its end and this line.
      await this.order.leave(ahead, lanes, this.queue.toKey('delayed'));
    }
  }

  /**
   * Resolves when the create of a customer is not to come. A create has its customer's id.
   * @throws WriteAhead while it is
   * @throws UnrecoverableError when it is a dead letter: the write may be retried after it
   */
  async created(tenantId: string, customerId: string): Promise<void> {
    const create = await this.queue.getJob(customerId);
    if (create?.name !== CREATE || create.data.tenantId !== tenantId) return;
    const state = await create.getState();
    if (state === 'failed')
      throw new UnrecoverableError(`Customer ${customerId} was not created: retry that job first`);
    if (state !== 'completed' && state !== 'unknown')
      throw new WriteAhead(customerId, create.timestamp + (create.opts.delay ?? 0));
  }

  /**
   * @returns what a customer was to be created of, where it never was: its create is planned, refused or dead
   * @throws WriteAhead while the create is about to run
   */
  async uncreated(tenantId: string, customerId: string): Promise<CreateCustomer | undefined> {
    const create = await this.queue.getJob(customerId);
    if (create?.name !== CREATE || create.data.tenantId !== tenantId) return undefined;
    const state = await create.getState();
    if (['active', 'waiting', 'prioritized'].includes(state)) throw new WriteAhead(customerId);
    return create.data as CreateCustomer;
  }

  /** From now on every delivery of the job is refused. */
  async refuse({ id }: CustomerJob, reason: RefusalReason): Promise<void> {
    await this.order.end(id, reason);
  }

  /** The job is done. */
  async end(job: CustomerJob): Promise<void> {
    await Promise.all([this.order.end(job.id), this.leaveLanes(job)]);
  }

  /** Nobody waits for the job any more: it ended, or it is a dead letter and waits for an operator itself. */
  async leaveLanes({ id, name, data }: CustomerJob): Promise<void> {
    const lanes = lanesOf(name, data as never).joins;
    const next = await this.order.leave(id, lanes, this.queue.toKey('delayed'));
    // Whoever is first in the tenant's lane waits for somebody else, if at all.
    const waiting = next.filter((jobId, lane) => jobId !== '' && lanes[lane] !== tenantLane(data.tenantId));
    await Promise.all([...new Set(waiting)].map((jobId) => this.wake(jobId)));
  }

  /** Saves who waits its next look. One that waits after a fault is left alone. */
  async wake(jobId: string): Promise<void> {
    const job = await this.queue.getJob(jobId);
    if (job?.attemptsMade !== 0) return;
    try {
      await job.promote();
    } catch (error) {
      // Its look came first.
      if (await job.isDelayed()) throw error;
    }
  }

  private async isToCome(jobId: string): Promise<boolean> {
    const state = await this.queue.getJobState(jobId);
    if (state !== 'unknown') return state !== 'completed' && state !== 'failed';
    const { order } = await this.order.of(jobId, 0);
    return order / 1000 > Date.now() - ADDED_WITHIN_MS;
  }
}
