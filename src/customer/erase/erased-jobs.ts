import { Inject, Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { OWNED_QUEUES } from '../../queue/queues.module';
import { Deliveries } from '../../webhooks/deliveries';
import { type DeliverWebhook, WEBHOOK_QUEUE } from '../../webhooks/webhook-jobs';
import { isCustomerJob, type StoredJob } from '../worker/customer-job';
import { JobTurns, WriteAhead } from '../worker/job-turns';
import type { ErasedPerson } from './erased-person';
import { JobTraces, type JobTrace } from './job-traces';

/** Rounds of looking and removing: what moves between the lists of a queue may be missed by one of them. */
const MAX_ROUNDS = 100;

/** More jobs come than are removed: the erasure is retried later. */
export class TracesLeft extends Error {
  override readonly name = 'TracesLeft';
}

/** Removes the jobs of all queues that say something of a person: what waits, is planned, has ended, or is dead. */
@Injectable()
export class ErasedJobs {
  constructor(
    @Inject(OWNED_QUEUES) private readonly queues: readonly Queue[],
    private readonly traces: JobTraces,
    private readonly turns: JobTurns,
    private readonly deliveries: Deliveries,
  ) {}

  /** @throws WriteAhead while one of them is at work */
  async remove(person: ErasedPerson): Promise<void> {
    for (const queue of this.queues) await this.removeFrom(queue, person);
  }

  private async removeFrom(queue: Queue, person: ErasedPerson): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const found = await this.traces.find(queue, person);
      if (found.length === 0) return;
      for (const trace of found) await this.removeOne(queue, trace);
    }
    throw new TracesLeft(`Queue ${queue.name} has more jobs about customer ${person.customerId} each time`);
  }

  private async removeOne(queue: Queue, { jobId, isOver }: JobTrace): Promise<void> {
    const job = (await queue.getJob(jobId)) as StoredJob | undefined;
    if (!job) return;
    if ((await queue.remove(jobId)) === 0 && (await queue.getJobState(jobId)) !== 'unknown')
      throw new WriteAhead(jobId);
    if (isCustomerJob(job)) await this.turns.leaveLanes(job);
    if (queue.name === WEBHOOK_QUEUE && !isOver) await this.deliveries.withdrawn(job.data as DeliverWebhook);
  }
}
