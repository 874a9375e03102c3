import { Injectable } from '@nestjs/common';
import { ErrorCode, Job, type Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { keysOf } from './dead-letter-keys';

/**
 * Makes a dead job as good as new: BullMQ's retry keeps that it was given up and how often it stalled, and the worker
 * keeps how often it crashed, for each of which it would die again at once. KEYS: dead, job. ARGV: id, when it died or
 * '' for whenever. Notes since when it waits anew. Returns 0 when it is not dead, or died again since; 2 for a job that goes to the front of the line.
 */
const REVIVE = `
local diedAt = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not diedAt or redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
if ARGV[2] ~= '' and tonumber(ARGV[2]) ~= tonumber(diedAt) then return 0 end
redis.call('HDEL', KEYS[2], 'defa', 'stc', 'crashes')
local time = redis.call('TIME')
redis.call('HSET', KEYS[2], 'revivedAt', time[1] * 1000 + math.floor(time[2] / 1000))
local isJson, options = pcall(cjson.decode, redis.call('HGET', KEYS[2], 'opts') or '')
return isJson and options.lifo and 2 or 1`;

/** Puts dead letters back into their queue, with all their attempts. */
@Injectable()
export class DeadLetterReviver {
  constructor(private readonly redis: Redis) {}

  /**
   * @param diedAtMs leaves a job alone that died again since
   * @returns whether it was a dead letter and waits to run again
   */
  async revive(queue: Queue, jobId: string, diedAtMs?: number): Promise<boolean> {
    const keys = [keysOf(queue).dead, queue.toKey(jobId)];
    const revived = await this.redis.eval(REVIVE, keys.length, ...keys, jobId, diedAtMs ?? '');
    if (revived === 0) return false;
    try {
      // Made of what the retry needs: a job that can't be read can be replayed all the same.
      const job = new Job(queue, '', undefined, { lifo: revived === 2 }, jobId);
      // That it was started before stays: only of first attempts is it measured how long they waited.
      await job.retry('failed', { resetAttemptsMade: true });
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }
}

/** Deleted, dropped or replayed by another between the two steps. */
const isGone = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === ErrorCode.JobNotExist || error.code === ErrorCode.JobNotInState);
