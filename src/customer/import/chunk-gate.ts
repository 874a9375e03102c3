import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Environment } from '../../config/environment';
import type { ImportChunk } from '../jobs/customer.jobs';
import { ImportKeys } from './import-keys';

/**
 * A chunk that was begun before the import was cancelled may have written some of its rows: it is written to its end,
 * however often it is delivered. KEYS: record, chunks under way. ARGV: chunk, 1 to begin it.
 */
const PASS = `
if redis.call('HEXISTS', KEYS[1], 'undoStatus') == 1 then return 0 end
local isUnderWay = redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 1
if redis.call('HEXISTS', KEYS[1], 'cancelRequestedAt') == 1 and not isUnderWay then return 0 end
if ARGV[2] == '1' and not isUnderWay then
  redis.call('SADD', KEYS[2], ARGV[1])
  redis.call('PEXPIRE', KEYS[2], redis.call('PTTL', KEYS[1]))
end
return 1`;

type ChunkOfImport = Pick<ImportChunk, 'importId' | 'chunk'>;

/** Lets no chunk of an import begin once it is cancelled, and none be written once it is undone. */
@Injectable()
export class ChunkGate {
  private readonly keys: ImportKeys;

  constructor(
    private readonly redis: Redis,
    { redis: { prefix } }: Environment,
  ) {
    this.keys = new ImportKeys(prefix);
  }

  /** Whether the chunk could begin now, or has begun. */
  isOpen(chunk: ChunkOfImport): Promise<boolean> {
    return this.ask(chunk, false);
  }

  /** Call it right before the first row is written. @returns whether the chunk may be written; then it is under way */
  pass(chunk: ChunkOfImport): Promise<boolean> {
    return this.ask(chunk, true);
  }

  private async ask({ importId, chunk }: ChunkOfImport, begins: boolean): Promise<boolean> {
    const keys = [this.keys.record(importId), this.keys.underWay(importId)];
    return (await this.redis.eval(PASS, keys.length, ...keys, chunk, begins ? 1 : 0)) === 1;
  }
}
