/**
 * Lets a delivery in, and writes it down. One that was written down and never tried is let in again: it may not be
 * queued. No webhook may have more than a tenth of the room that is left in the queue: however many fill it, there is
 * some for the next. KEYS: log, entries, waiting, dropped, then the queue's job, waiting, prioritized, delayed. ARGV: id,
 * entry, now ms, forgotten before ms, most that wait for the webhook, most that wait in the queue, entries kept, life of
 * the keys in ms. Returns 0, -1 when it was queued before, or how many were dropped.
 */
export const ADMIT = `
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then
  return -redis.call('HEXISTS', KEYS[2], ARGV[1] .. ':state')
end
if redis.call('EXISTS', KEYS[5]) == 1 then return -1 end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. ARGV[4])
local queued = redis.call('LLEN', KEYS[6]) + redis.call('ZCARD', KEYS[7]) + redis.call('ZCARD', KEYS[8])
if redis.call('ZCARD', KEYS[3]) >= math.min(ARGV[5], (ARGV[6] - queued) / 10) then
  local dropped = redis.call('INCR', KEYS[4])
  if dropped == 1 then redis.call('PEXPIRE', KEYS[4], ARGV[8]) end
  return dropped
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
local over = redis.call('ZCARD', KEYS[1]) - ARGV[7]
if over > 0 then
  for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, over - 1)) do
    redis.call('ZREM', KEYS[1], id)
    redis.call('HDEL', KEYS[2], id, id .. ':state', id .. ':tries')
  end
end
for key = 1, 3 do redis.call('PEXPIRE', KEYS[key], ARGV[8]) end
return 0`;

/**
 * Writes down what became of a delivery, where it is still in the log. KEYS: entries, waiting, log. ARGV: id, state, try
 * or '', tries kept, now ms, '1' when it is over, life of the keys in ms.
 */
export const RECORD = `
if ARGV[6] == '1' then redis.call('ZREM', KEYS[2], ARGV[1])
else redis.call('ZADD', KEYS[2], 'XX', ARGV[5], ARGV[1]) end
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1] .. ':state', ARGV[2])
if ARGV[3] ~= '' then
  local tries = (redis.call('HGET', KEYS[1], ARGV[1] .. ':tries') or '') .. ARGV[3] .. '\\n'
  local _, count = string.gsub(tries, '\\n', '')
  if count > tonumber(ARGV[4]) then tries = string.gsub(tries, '^[^\\n]*\\n', '', 1) end
  redis.call('HSET', KEYS[1], ARGV[1] .. ':tries', tries)
end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[7]) end
return 1`;

/** KEYS: log, entries. ARGV: id after which the page begins or '', size. Returns ids, then their fields. */
export const PAGE = `
local first = 0
if ARGV[1] ~= '' then
  local rank = redis.call('ZREVRANK', KEYS[1], ARGV[1])
  if not rank then return {{}, {}} end
  first = rank + 1
end
local ids = redis.call('ZRANGE', KEYS[1], first, first + ARGV[2] - 1, 'REV')
local fields = {}
for _, id in ipairs(ids) do
  for _, field in ipairs({id, id .. ':state', id .. ':tries'}) do
    fields[#fields + 1] = redis.call('HGET', KEYS[2], field) or ''
  end
end
return {ids, fields}`;
