import { Injectable } from '@nestjs/common';
import { DelayedError, UnrecoverableError } from 'bullmq';
import type { CustomerRefused } from '../customer-refused';
import { ImportProgress } from '../import/import-progress';
import { endedJob, SERVICE_FAULT, type JobEnd } from '../job-history/job-end';
import { JobHistory } from '../job-history/job-history';
import type { CustomerJobName, ImportChunk, Origin, Refused, Result, UndoChunk } from '../jobs/customer.jobs';
import { AttemptReports } from './attempt-reports';
import { ChunkGone } from './chunk-gone';
import { CustomerAnnouncer } from './customer-announcer';
import { hasTenant, isCustomerJob, type CustomerJob, type StoredJob } from './customer-job';
import { emptied, refusalIn, toldOf } from './emptied-payload';
import { JobTurns, type WriteAhead } from './job-turns';

/** Between two looks for a write that must come first: short at first, since it is nearly always under way. */
const FIRST_LOOK_MS = 25;
const MAX_LOOK_MS = 1_000;

/** The one place that turns the end of an attempt into what the queue, the subscribers and the log see. */
@Injectable()
export class JobOutcomes {
  constructor(
    private readonly announcer: CustomerAnnouncer,
    private readonly imports: ImportProgress,
    private readonly turns: JobTurns,
    private readonly history: JobHistory,
    private readonly reports: AttemptReports,
  ) {}

  async completed(job: CustomerJob, result: Result<CustomerJobName>, durationMs: number): Promise<void> {
    await this.remember(job, { result });
    await this.turns.end(job);
    this.reports.ended(job, 'completed', durationMs);
  }

  /** @returns what the queue keeps: to it, the job is done */
  async refused(job: CustomerJob, refusal: CustomerRefused, durationMs: number): Promise<Refused> {
    const { reason, message } = refusal;
    const { id, name } = job;
    await this.turns.refuse(job, reason);
    // What a late write says of somebody who was erased must not stay with its job, or be told.
    const data = toldOf(job.data, reason);
    if ('customerId' in data) await this.announcer.refused(name, id, data, `${reason}: ${message}`);
    await this.remember(job, { refused: { reason, message } });
    await this.turns.leaveLanes(job);
    // Last of all: who takes the job once more knows by it that only the queue is to be told.
    if (data !== job.data) await job.updateData(emptied(data, reason));
    return this.refusedAs(refusal, job, durationMs);
  }

  /** @returns what the queue keeps of a job that was refused by a worker that died before it told it; else undefined */
  refusedBefore(job: StoredJob, durationMs: number): Refused | undefined {
    const refusal = refusalIn(job.data);
    return refusal && this.refusedAs(refusal, job, durationMs);
  }

  /** @returns what the queue must be told: the job comes back, and used up no attempt */
  async waiting(job: StoredJob, ahead: WriteAhead, durationMs: number): Promise<DelayedError> {
    const lookMs = Math.min(MAX_LOOK_MS, FIRST_LOOK_MS * 2 ** Math.min(job.attemptsStarted, 10));
    await job.moveToDelayed(Math.max(ahead.dueAtMs, Date.now() + lookMs), job.token);
    this.reports.ended(job, 'waiting', durationMs, ahead);
    return new DelayedError();
  }

  /** Whether only a newer worker knows what the job comes to. */
  isForNewer(job: StoredJob): boolean {
    return this.reports.newer.has(job);
  }

  /** It stays in its lanes: what must not overtake it waits too. @returns what the queue must be told */
  leaveToNewer(job: StoredJob): Promise<DelayedError> {
    return this.reports.newer.handBack(job);
  }

  /** @returns what the queue must be told: a job that can never succeed is not retried */
  async faulted(job: StoredJob, thrown: unknown, durationMs: number): Promise<Error> {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const isLast = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    if (!isLast && !isHopeless(error)) {
      this.reports.ended(job, 'retried', durationMs, error);
      return error;
    }
    await this.died(job, error, durationMs);
    return unrecoverable(error);
  }

  /**
   * The job is a dead letter: an operator may retry it.
   * @param durationMs undefined where the queue gave it up by itself
   */
  async died(job: StoredJob, error: Error, durationMs?: number): Promise<void> {
    if (isCustomerJob(job)) {
      const { id, name, data } = job;
      const reason = error instanceof ChunkGone ? error.message : SERVICE_FAULT.message;
      if (name === 'UNDO_IMPORT') await this.imports.undoFailed(data as UndoChunk);
      else if ('importId' in data) await this.imports.chunkFailed(data as ImportChunk, reason);
      else if ('customerId' in data) await this.announcer.failed(name, id, data, reason);
      await this.turns.leaveLanes(job);
    }
    if (hasTenant(job)) {
      await this.remember(job, 'dead').catch((fault: unknown) => {
        this.reports.notRemembered(job, fault);
      });
    }
    this.reports.ended(job, 'failed', durationMs, error);
  }

  private refusedAs(refusal: CustomerRefused, job: StoredJob, durationMs: number): Refused {
    this.reports.ended(job, 'refused', durationMs, refusal);
    const { reason, message } = refusal;
    return { refused: { reason, message } };
  }

  /** An import has a record of its own, its chunks are nobody's jobs. */
  private async remember(job: StoredJob & { data: Origin }, end: JobEnd): Promise<void> {
    if (!('importId' in job.data)) await this.history.record(endedJob(job, end));
  }
}

/** A mistake of ours, or a payload that nobody could run, is no better the next time. */
const isHopeless = (error: Error): boolean =>
  error instanceof UnrecoverableError ||
  error instanceof TypeError ||
  error instanceof RangeError ||
  error instanceof ReferenceError ||
  error instanceof SyntaxError;

/** In BullMQ's words, with the stack of what happened. */
function unrecoverable(error: Error): Error {
  if (error instanceof UnrecoverableError) return error;
  const final = new UnrecoverableError(error.message);
  if (error.stack !== undefined) final.stack = error.stack;
  return final;
}
