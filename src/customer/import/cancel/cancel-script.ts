import { DROP_CHUNKS } from './drop-chunks';

/**
 * Nothing of the import is begun from now on; one of which nothing was begun is over by that. KEYS: record, settled
 * chunks, the tenant's open imports. ARGV: now, retention ms, import.
 */
export const CANCEL = `${DROP_CHUNKS}
local record = KEYS[1]
local status = redis.call('HGET', record, 'status')
if status ~= 'queued' and status ~= 'processing' then return end
redis.call('HSETNX', record, 'cancelRequestedAt', ARGV[1])
if status == 'processing' then return end
redis.call('HSET', record, 'status', 'cancelled', 'finishedAt', ARGV[1])
redis.call('PEXPIRE', record, ARGV[2])
dropChunks(record)
redis.call('UNLINK', KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[3])`;
