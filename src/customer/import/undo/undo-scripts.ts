/**
 * Writes down the place of an undo that is about to be queued, unless there is one: of two requests at once, both queue
 * the same jobs, and the workers go by what is written here. KEYS: record. ARGV: tenant, place.
 */
export const PREPARE_UNDO = `
if redis.call('HGET', KEYS[1], 'tenantId') ~= ARGV[1] or redis.call('HEXISTS', KEYS[1], 'undoStatus') == 1 then return 0 end
redis.call('HSET', KEYS[1], 'undoOrder', ARGV[2])
return 1`;

/**
 * Its jobs are queued: from now on it is there for everybody. A job that runs says so too, in case the API died in
 * between. KEYS: record. ARGV: 'queued' or 'processing', now, retention ms, chunks; without any, it is over.
 */
export const BEGIN_UNDO = `
local record = KEYS[1]
if redis.call('HEXISTS', record, 'undoOrder') == 0 then return 0 end
local status = redis.call('HGET', record, 'undoStatus')
if not status then
  status = 'queued'
  redis.call('HSET', record, 'undoStatus', status, 'undoQueuedAt', ARGV[2], 'undoLeft', ARGV[4], 'undoRemoved', 0,
    'undoRestored', 0, 'undoConflicts', 0)
  if redis.call('PTTL', record) < tonumber(ARGV[3]) then redis.call('PEXPIRE', record, ARGV[3]) end
end
if status == 'queued' and ARGV[1] == 'processing' then redis.call('HSET', record, 'undoStatus', ARGV[1]) end
if ARGV[4] == '0' then
  redis.call('HSET', record, 'undoStatus', 'completed', 'undoFinishedAt', ARGV[2])
  redis.call('HDEL', record, 'undoLeft')
end
return 1`;

/**
 * Settles one chunk of an undo, once: counts it, and ends the undo when it was the last. A chunk that failed may be settled
 * again, by a retry. KEYS: record, undone chunks, the tenant's open imports. ARGV: chunk, now, retention ms, 'done' or 'failed', removed, restored,
 * conflicts, import.
 */
export const SETTLE_UNDO = `
local record, undone, chunk, outcome = KEYS[1], KEYS[2], ARGV[1], ARGV[4]
if redis.call('HEXISTS', record, 'undoLeft') == 0 then return 0 end
local before = redis.call('HGET', undone, chunk)
if before == 'done' or before == outcome then return 0 end
redis.call('HSET', undone, chunk, outcome)
if outcome == 'failed' then redis.call('HINCRBY', record, 'undoFailed', 1)
elseif before then redis.call('HINCRBY', record, 'undoFailed', -1) end
redis.call('HINCRBY', record, 'undoRemoved', ARGV[5])
redis.call('HINCRBY', record, 'undoRestored', ARGV[6])
redis.call('HINCRBY', record, 'undoConflicts', ARGV[7])
local left = tonumber(redis.call('HGET', record, 'undoLeft'))
if not before then left = redis.call('HINCRBY', record, 'undoLeft', -1) end
if left == 0 then
  local failed = tonumber(redis.call('HGET', record, 'undoFailed') or '0') > 0
  redis.call('HSET', record, 'undoStatus', failed and 'failed' or 'completed', 'undoFinishedAt', ARGV[2])
  redis.call('ZREM', KEYS[3], ARGV[8])
  if redis.call('PTTL', record) < tonumber(ARGV[3]) then redis.call('PEXPIRE', record, ARGV[3]) end
  if not failed then
    redis.call('HDEL', record, 'undoLeft', 'undoFailed')
    redis.call('UNLINK', undone)
    return 1
  end
end
redis.call('PEXPIRE', undone, redis.call('PTTL', record))
return 1`;

/**
 * An import, or an undo of one, that was accepted before and is not over: what it writes must be there first. Looks at
 * the newest. KEYS: the tenant's imports. ARGV: prefix of records, place, the import that is undone, how many.
 */
export const AHEAD_OF_UNDO = `
local function isGoingOn(status) return status == 'queued' or status == 'processing' end
for _, id in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, ARGV[4] - 1)) do
  local status, order, undoStatus, undoOrder, unconfirmed =
    unpack(redis.call('HMGET', ARGV[1] .. id, 'status', 'order', 'undoStatus', 'undoOrder', 'unconfirmed'))
  if id ~= ARGV[3] then
    if isGoingOn(status) and not (status == 'queued' and unconfirmed) and tonumber(order) < tonumber(ARGV[2]) then return id end
    if isGoingOn(undoStatus) and tonumber(undoOrder) < tonumber(ARGV[2]) then return id end
  end
end
return nil`;

/** How many of the jobs are neither there nor done. KEYS: record, undone chunks, jobs… */
export const MISSING_UNDO_JOBS = `
local missing = 0
for place = 3, #KEYS do
  if redis.call('EXISTS', KEYS[place]) == 0 and redis.call('HEXISTS', KEYS[2], place - 3) == 0 then missing = missing + 1 end
end
local status = redis.call('HGET', KEYS[1], 'undoStatus')
return (status == 'completed') and 0 or missing`;
