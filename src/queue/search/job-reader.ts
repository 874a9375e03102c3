import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';

/** A job as it is stored, whatever is missing from it. Times in ms since 1970. */
export interface StoredJobFacts {
  jobId: string;
  type: string;
  payload: Record<string, unknown>;
  queuedAtMs: number | undefined;
  startedAtMs: number | undefined;
  finishedAtMs: number | undefined;
  attempts: number;
  error: string | null;
}

const FIELDS = ['name', 'data', 'timestamp', 'processedOn', 'finishedOn', 'atm', 'failedReason'];

/** Reads many jobs in one round trip. */
@Injectable()
export class JobReader {
  constructor(private readonly redis: Redis) {}

  /** Those that are gone meanwhile are left out. */
  async read(queue: Queue, jobIds: readonly string[]): Promise<StoredJobFacts[]> {
    if (jobIds.length === 0) return [];
    const pipeline = this.redis.pipeline();
    for (const id of jobIds) pipeline.hmget(queue.toKey(id), ...FIELDS);
    const answers = (await pipeline.exec()) ?? [];
    return answers.flatMap(([error, fields], index) => {
      if (error) throw error;
      return toFacts(jobIds[index] ?? '', fields as (string | null)[]) ?? [];
    });
  }
}

function toFacts(jobId: string, fields: (string | null)[]): StoredJobFacts | undefined {
  const [name, data, queuedAt, startedAt, finishedAt, attempts, error] = fields;
  if (name === null || name === undefined) return undefined;
  return {
    jobId,
    type: name,
    payload: toObject(data),
    queuedAtMs: toMs(queuedAt),
    startedAtMs: toMs(startedAt),
    finishedAtMs: toMs(finishedAt),
    attempts: Number(attempts ?? 0),
    error: error ?? null,
  };
}

const toMs = (field: string | null | undefined): number | undefined => (field ? Number(field) : undefined);

/** A payload that is no JSON, or no object, is somebody's script: it says nothing. */
function toObject(data: string | null | undefined): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(data ?? '{}');
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
