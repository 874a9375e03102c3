const NOW = `
local function now()
  local time = redis.call('TIME')
  return time[1] .. string.format('%03d', math.floor(time[2] / 1000))
end
`;

/**
 * Takes the lease, and copies what is dead now: jobs that die again while they are replayed have another time of death,
 * and are left alone. KEYS: dead, lease, progress, todo. ARGV: token, lease ms, progress ms, by, per second, 'all' or
 * 'named', 'replay' or 'delete', ids… Returns the number of jobs, and ids that are not dead; nil while another holds the lease.
 */
export const BEGIN = `${NOW}
if redis.call('EXISTS', KEYS[2]) == 1 then return nil end
redis.call('DEL', KEYS[4])
local missing = {}
if ARGV[6] == 'all' then redis.call('ZRANGESTORE', KEYS[4], KEYS[1], 0, -1) end
for index = 8, #ARGV do
  local diedAt = redis.call('ZSCORE', KEYS[1], ARGV[index])
  if diedAt then redis.call('ZADD', KEYS[4], diedAt, ARGV[index]) else missing[#missing + 1] = ARGV[index] end
end
local total = redis.call('ZCARD', KEYS[4])
if total > 0 then
  redis.call('PEXPIRE', KEYS[4], ARGV[3])
  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
  redis.call('DEL', KEYS[3])
  redis.call('HSET', KEYS[3], 'status', 'running', 'by', ARGV[4], 'startedAt', now(), 'perSecond', ARGV[5],
    'total', total, 'done', 0, 'skipped', 0, 'act', ARGV[7])
  redis.call('PEXPIRE', KEYS[3], ARGV[3])
end
return {total, missing}`;

/**
 * Adds jobs to an act that was begun and is not running yet. KEYS: dead, lease, progress, todo. ARGV: token, lease ms,
 * ids… Returns nil when the lease was lost or the act was cancelled.
 */
export const EXTEND = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] or redis.call('HGET', KEYS[3], 'status') ~= 'running' then return nil end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
for index = 3, #ARGV do
  local diedAt = redis.call('ZSCORE', KEYS[1], ARGV[index])
  if diedAt then redis.call('ZADD', KEYS[4], diedAt, ARGV[index]) end
end
local total = redis.call('ZCARD', KEYS[4])
redis.call('HSET', KEYS[3], 'total', total)
return total`;

/**
 * Counts what a step came to, renews the lease, and names the jobs of the next step, oldest first. A lease that ran out
 * in an outage is taken up again unless another replay began since. KEYS: lease, progress, todo. ARGV: token, lease ms,
 * progress ms, jobs of a step, how many of the ids were revived, ids of those, ids of those that were skipped.
 */
export const ADVANCE = `
local holder = redis.call('GET', KEYS[1])
local status = redis.call('HGET', KEYS[2], 'status')
if (holder and holder ~= ARGV[1]) or (status ~= 'running' and status ~= 'cancelled') then return nil end
if status == 'running' then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
for index = 6, #ARGV do
  local outcome = index - 5 <= tonumber(ARGV[5]) and 'done' or 'skipped'
  redis.call('HINCRBY', KEYS[2], outcome, redis.call('ZREM', KEYS[3], ARGV[index]))
end
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('PEXPIRE', KEYS[3], ARGV[3])
if status == 'cancelled' then
  redis.call('DEL', KEYS[1], KEYS[3])
  return nil
end
if ARGV[4] == '0' then return {} end
return redis.call('ZRANGE', KEYS[3], 0, ARGV[4] - 1, 'WITHSCORES')`;

/** Gives the lease back. KEYS: lease, progress, todo. ARGV: token, status. */
export const END = `${NOW}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if redis.call('HGET', KEYS[2], 'status') == 'running' then redis.call('HSET', KEYS[2], 'status', ARGV[2], 'finishedAt', now()) end
redis.call('DEL', KEYS[1], KEYS[3])
return 1`;

/**
 * Stops an act after the step that is under way, and lets the next begin. KEYS: lease, progress. Returns
 * 0 when none is running.
 */
export const CANCEL = `${NOW}
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('HGET', KEYS[2], 'status') ~= 'running' then return 0 end
redis.call('HSET', KEYS[2], 'status', 'cancelled', 'finishedAt', now())
redis.call('DEL', KEYS[1])
return 1`;
