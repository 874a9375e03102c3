import { Injectable } from '@nestjs/common';
import { UnrecoverableError } from 'bullmq';
import { Redis } from 'ioredis';
import { InjectQueue } from '@nestjs/bullmq';
import type { Queue } from 'bullmq';
import { CUSTOMER_QUEUE } from '../jobs/customer.jobs';
import type { StoredJob } from './customer-job';
import { SoloLock } from './solo-lock';

/** Processes that may die while a job runs alone in them, before it is given up. */
export const MAX_CRASHES = 3;

/** KEYS: the job. A job that is gone gets no key of its own. */
const COUNT_CRASH = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
return redis.call('HINCRBY', KEYS[1], 'crashes', 1)`;

/**
 * Finds the job that kills processes among those that died with it. Whatever was running when a worker died is a
 * suspect: it runs alone next time, and only then is a death counted against it.
 */
@Injectable()
export class CrashIsolation {
  private readonly lock = new SoloLock();

  constructor(
    private readonly redis: Redis,
    @InjectQueue(CUSTOMER_QUEUE) private readonly queue: Queue,
  ) {}

  /** @throws UnrecoverableError when the job killed too many processes */
  run<T>(job: StoredJob, work: () => Promise<T>): Promise<T> {
    if (job.stalledCounter === 0) return this.lock.share(work);
    return this.lock.alone(async () => {
      const crashes = Number(await this.redis.eval(COUNT_CRASH, 1, this.queue.toKey(job.id ?? ''))) - 1;
      if (crashes >= MAX_CRASHES)
        throw new UnrecoverableError(`${crashes} processes died while they ran this job alone`);
      try {
        return await work();
      } finally {
        await this.acquit(job);
      }
    });
  }

  /** The process lives, whatever becomes of the job. */
  async acquit(job: StoredJob): Promise<void> {
    if (job.stalledCounter > 0) await this.redis.hdel(this.queue.toKey(job.id ?? ''), 'crashes');
  }
}
