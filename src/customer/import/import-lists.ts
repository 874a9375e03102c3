import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../../config/environment';
import { ImportKeys } from './import-keys';

/** What a run looked at and removed. */
export interface ListsCleaned {
  /** Tenants that have a list of imports. */
  lists: number;
  /** Imports that are on one. */
  listed: number;
  /** Entries of imports that are gone. */
  removed: number;
}

/** Imports that Redis looks at in one go: about a ms. */
const SLICE = 500;
/** Keys that Redis looks at in one go, in search of lists. */
const SCANNED_AT_ONCE = 1_000;

/**
 * Takes those off the list whose record is gone: a record is written with its entry, and an import that is put there
 * again puts both. KEYS: list. ARGV: prefix of records, id behind which to go on as ZRANGEBYLEX has it, how many.
 * Returns how many were looked at, how many were removed, the last id.
 */
const CLEAN_LIST = `
local ids = redis.call('ZRANGEBYLEX', KEYS[1], ARGV[2], '+', 'LIMIT', 0, ARGV[3])
local removed = 0
for _, id in ipairs(ids) do
  if redis.call('EXISTS', ARGV[1] .. id) == 0 then removed = removed + redis.call('ZREM', KEYS[1], id) end
end
return {#ids, removed, ids[#ids] or ''}`;

/**
 * Cleans the lists of tenants' imports. All else that an import leaves goes by itself: in Redis, its record, its chunks,
 * and what was settled, begun and undone have a time to live from their first moment on, also where its upload was cut
 * off or its jobs were never queued; in MongoDB, its reports, its change log, its undo and the scratch of a dry run have an
 * `expiresAt`. Only a list lives as long as its tenant goes on uploading, and keeps the ids of imports that are long gone,
 * up to 10,000, through which each page of the list has to read.
 */
@Injectable()
export class ImportLists {
  private readonly keys: ImportKeys;

  constructor(
    private readonly redis: Redis,
    { redis: { prefix } }: Environment,
  ) {
    this.keys = new ImportKeys(prefix);
  }

  /** May run twice, and beside uploads. @throws AbortError once stopping */
  async clean(stopping: AbortSignal): Promise<ListsCleaned> {
    const all: ListsCleaned = { lists: 0, listed: 0, removed: 0 };
    await this.eachList(this.keys.list('*'), stopping, async (list) => {
      const { listed, removed } = await this.cleanOne(list, stopping);
      all.lists += 1;
      all.listed += listed;
      all.removed += removed;
    });
    // What is left there of an upload that was cut off puts later files of its tenant a little further back.
    await this.eachList(this.keys.open('*'), stopping, (open) => this.cleanOne(open, stopping));
    return all;
  }

  private async eachList(
    pattern: string,
    stopping: AbortSignal,
    clean: (list: string) => Promise<unknown>,
  ): Promise<void> {
    const seen = new Set<string>();
    let cursor = '0';
    do {
      stopping.throwIfAborted();
      const [next, keys] = await this.redis.scan(cursor, 'MATCH', pattern, 'COUNT', SCANNED_AT_ONCE);
      cursor = next;
      // Redis may name a key twice.
      for (const key of keys.filter((one) => !seen.has(one))) {
        seen.add(key);
        await clean(key);
      }
    } while (cursor !== '0');
  }

  private async cleanOne(list: string, stopping: AbortSignal): Promise<Omit<ListsCleaned, 'lists'>> {
    const all = { listed: 0, removed: 0 };
    for (let behind = '-', looked = SLICE; looked === SLICE;) {
      stopping.throwIfAborted();
      const args = [this.keys.record(''), behind, SLICE];
      const answer = (await this.redis.eval(CLEAN_LIST, 1, list, ...args)) as [number, number, string];
      looked = answer[0];
      behind = `(${answer[2]}`;
      all.listed += looked - answer[1];
      all.removed += answer[1];
    }
    return all;
  }
}
