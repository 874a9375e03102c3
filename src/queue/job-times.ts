import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';

/** When a job was due, started and ended, in ms since 1970. */
export interface JobTimes {
  /** Again, where it was a dead letter meanwhile. */
  dueAt: number;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  attempts: number;
}

/** Fields of a job's hash that say when; its payload may be large, and is nobody's business here. */
const FIELDS = ['timestamp', 'opts', 'processedOn', 'finishedOn', 'atm', 'revivedAt'];

/** Reads the times of many jobs in one round trip. */
@Injectable()
export class JobTimesReader {
  constructor(private readonly redis: Redis) {}

  async read(queue: Queue, jobIds: readonly string[]): Promise<JobTimes[]> {
    if (jobIds.length === 0) return [];
    const pipeline = this.redis.pipeline();
    for (const id of jobIds) pipeline.hmget(queue.toKey(id), ...FIELDS);
    const answers = (await pipeline.exec()) ?? [];
    return answers.flatMap(([error, fields]) => {
      if (error) throw error;
      return toTimes(fields as (string | null)[]) ?? [];
    });
  }
}

/** @returns undefined for a job that was removed meanwhile */
function toTimes([timestamp, opts, processedOn, finishedOn, attempts, revivedAt]: (string | null)[]):
  JobTimes | undefined {
  if (!timestamp) return undefined;
  // BullMQ clears the field `delay` once a job is due; its options keep it.
  const { delay = 0 } = JSON.parse(opts ?? '{}') as { delay?: number };
  return {
    dueAt: Math.max(Number(timestamp) + delay, Number(revivedAt ?? 0)),
    startedAt: processedOn ? Number(processedOn) : undefined,
    finishedAt: finishedOn ? Number(finishedOn) : undefined,
    attempts: Number(attempts ?? 0),
  };
}
