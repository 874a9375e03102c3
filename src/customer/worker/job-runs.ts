import { Inject, Injectable } from '@nestjs/common';
import { CustomerRefused } from '../customer-refused';
import { CustomerNotYet, TooManyCollisions } from '../customer.repository';
import { customerLane, emailLane } from '../jobs/customer-lanes';
import type { CustomerJobName, Result } from '../jobs/customer.jobs';
import type { CustomerJob } from './customer-job';
import { HANDLERS, type Handlers } from './handler';
import { JobTurns, type Turn } from './job-turns';

/** Reasons to refuse that came up one after the other, before the job is retried later. */
const MAX_REASONS = 10;

/** Runs a job by its one handler, in its turn. */
@Injectable()
export class JobRuns {
  constructor(
    @Inject(HANDLERS) private readonly handlers: Handlers,
    private readonly turns: JobTurns,
  ) {}

  /**
   * A refusal stands only when nothing that was accepted before the job can still change it: that is asked for after the
   * first refusal, and the job tried once more.
   * @throws CustomerRefused, WriteAhead, or a fault
   */
  async run(job: CustomerJob): Promise<Result<CustomerJobName>> {
    const turn = await this.turns.take(job);
    if (turn.refused) throw new CustomerRefused(turn.refused);
    const settled = new Set<string>();
    for (let reasons = 0; reasons < MAX_REASONS; reasons++) {
      try {
        return await this.handlers[job.name].handle(job.data as never, {
          jobId: job.id,
          order: turn.order,
          freeing: (email) => this.turns.clear(turn.due, [emailLane(job.data.tenantId, email)]),
        });
      } catch (error) {
        const reason = reasonOf(error);
        if (reason === undefined) throw error;
        if (settled.has(reason)) throw asRefusal(error);
        await this.settle(job, turn, error);
        settled.add(reason);
      }
    }
    throw new TooManyCollisions(`Job ${job.id} found another reason each time`);
  }

  /** @throws WriteAhead while a write that was accepted before may take the reason away */
  private async settle({ data }: CustomerJob, { due }: Turn, error: unknown): Promise<void> {
    if (error instanceof CustomerNotYet) await this.turns.created(data.tenantId, error.customerId);
    if (error instanceof CustomerRefused && error.because !== undefined)
      await this.turns.clear(due, [customerLane(data.tenantId, error.because)]);
  }
}

/** What must be asked for before the error is final; undefined when it is. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof CustomerNotYet) return error.customerId;
  return error instanceof CustomerRefused ? error.because : undefined;
}

const asRefusal = (error: unknown): unknown =>
  error instanceof CustomerNotYet ? new CustomerRefused('CUSTOMER_NOT_FOUND') : error;
