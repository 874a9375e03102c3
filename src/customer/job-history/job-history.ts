import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { Model, mongo } from 'mongoose';
import { Environment } from '../../config/environment';
import { collectionOf } from '../customer.schema';
import { CUSTOMER_QUEUE } from '../jobs/customer.jobs';
import { EndedJob } from './ended-job.schema';
import { ENDED_AT_FIELD } from './ended-at';
import type { JobHistoryEntry } from './job-end';

/** Never makes a job's hash again that was removed. KEYS: job. ARGV: field, ms since 1970. */
const MARK_ENDED = `if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end`;

interface Batch {
  /** By job: of twins, the later one stays. */
  entries: Map<string, JobHistoryEntry>;
  written: Promise<void>;
}

/**
 * Remembers how jobs ended, for longer than the queue does. At most one write is under way: what comes meanwhile goes
 * together in the next one.
 */
@Injectable()
export class JobHistory {
  private readonly jobs: mongo.Collection<EndedJob>;
  private lastWrite: Promise<void> = Promise.resolve();
  private next: Batch | undefined;

  constructor(
    @InjectModel(EndedJob.name) model: Model<EndedJob>,
    @InjectQueue(CUSTOMER_QUEUE) private readonly queue: Queue,
    private readonly redis: Redis,
    private readonly environment: Environment,
  ) {
    this.jobs = collectionOf(model);
  }

  /**
   * Resolves when it is written, and may be repeated. Called before the queue ends the job: an end that is not
   * remembered is none.
   * @throws what MongoDB failed with; all that were written together fail together
   */
  record(entry: JobHistoryEntry): Promise<void> {
    this.next ??= this.openBatch();
    this.next.entries.set(entry._id, entry);
    return this.next.written;
  }

  private openBatch(): Batch {
    const entries: Batch['entries'] = new Map();
    const written = this.lastWrite.then(() => {
      this.next = undefined;
      return this.write([...entries.values()]);
    });
    // Each caller is told of a failure; the next write is not kept from trying.
    this.lastWrite = written.catch(() => undefined);
    return { entries, written };
  }

  private async write(entries: JobHistoryEntry[]): Promise<void> {
    const { jobHistoryMs } = this.environment;
    const upserts = entries.map((entry) => ({
      replaceOne: {
        filter: { _id: entry._id },
        replacement: { ...entry, expiresAt: new Date(entry.finishedAt.getTime() + jobHistoryMs) },
        upsert: true,
      },
    }));
    await Promise.all([
      this.jobs.bulkWrite(upserts, { ordered: false }),
      ...entries.map((entry) => this.mark(entry)),
    ]);
  }

  /** The queue's own time of the end is that of the move, which comes later: readers shall see one and the same. */
  private async mark({ _id, finishedAt }: JobHistoryEntry): Promise<void> {
    await this.redis.eval(MARK_ENDED, 1, this.queue.toKey(_id), ENDED_AT_FIELD, finishedAt.getTime());
  }
}
