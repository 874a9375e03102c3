import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';

/**
 * Holds the jobs of a queue back until `release`, and says in which order workers take them: BullMQ's list of waiting
 * jobs is taken from its end.
 */
export class WaitList {
  constructor(
    private readonly queue: Queue,
    private readonly redis: Redis,
  ) {}

  async hold(): Promise<void> {
    await this.queue.pause();
  }

  /** @param jobIds all that wait, in the order in which they are to be taken */
  async release(jobIds: readonly string[]): Promise<void> {
    const key = this.queue.toKey('wait');
    const waiting = await this.redis.lrange(key, 0, -1);
    if (waiting.toSorted().join() !== jobIds.toSorted().join())
      throw new Error(`Waiting are ${waiting.join()}, not ${jobIds.join()}`);
    await this.redis
      .multi()
      .del(key)
      .rpush(key, ...jobIds.toReversed())
      .exec();
    await this.queue.resume();
  }
}
