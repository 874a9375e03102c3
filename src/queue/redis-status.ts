import { Inject, Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { LOGGER, type Logger } from '../logging/logger';

export const PERSISTENCE = ['aof', 'rdb', 'aof+rdb', 'none'] as const;
export type Persistence = (typeof PERSISTENCE)[number];

export interface RedisStatus {
  /** bytes */
  usedMemory: number;
  /** bytes; 0: no limit */
  maxMemory: number;
  persistence: Persistence;
  evictionPolicy: string;
}

/** How Redis is, by its own account. */
@Injectable()
export class RedisStatusReader {
  constructor(
    private readonly redis: Redis,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @returns how long it took to answer, in ms */
  async ping(): Promise<number> {
    const startedAt = performance.now();
    await this.redis.ping();
    return Math.round((performance.now() - startedAt) * 100) / 100;
  }

  async read(): Promise<RedisStatus> {
    const [info, savesSnapshots] = await Promise.all([this.redis.info(), this.savesSnapshots()]);
    const fields = fieldsOf(info);
    return {
      usedMemory: Number(fields.get('used_memory') ?? 0),
      maxMemory: Number(fields.get('maxmemory') ?? 0),
      persistence: persistenceOf(
        fields.get('aof_enabled') === '1',
        savesSnapshots ?? Number(fields.get('rdb_saves') ?? 0) > 0,
      ),
      evictionPolicy: fields.get('maxmemory_policy') ?? 'unknown',
    };
  }

  /** @returns undefined where the provider of Redis forbids to ask */
  private async savesSnapshots(): Promise<boolean | undefined> {
    try {
      const [, savePoints = ''] = await this.redis.config('GET', 'save');
      return savePoints !== '';
    } catch (error) {
      if (!isRefused(error)) throw error;
      this.logger.debug({ err: error }, 'Redis does not tell its configuration');
      return undefined;
    }
  }
}

/** Redis answered, but not what was asked for. */
const isRefused = (error: unknown): boolean => error instanceof Error && error.name === 'ReplyError';

function persistenceOf(aof: boolean, rdb: boolean): Persistence {
  if (aof) return rdb ? 'aof+rdb' : 'aof';
  return rdb ? 'rdb' : 'none';
}

function fieldsOf(info: string): Map<string, string> {
  const lines = info.split('\r\n').filter((line) => line.includes(':'));
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1)];
    }),
  );
}
