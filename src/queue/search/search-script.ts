/**
 * Looks through one slice of a state, in Redis: only what matches travels. KEYS: the state's list or sorted set. ARGV:
 * prefix of job keys, 'list' or 'zset', first, last, name or '', part of the error in lower case or '', JSON: groups
 * of texts, of each of which the payload has one. Returns how many jobs were looked at, then the ids that match.
 */
export const SEARCH_SLICE = `
local ids
if ARGV[2] == 'list' then ids = redis.call('LRANGE', KEYS[1], ARGV[3], ARGV[4])
else ids = redis.call('ZREVRANGE', KEYS[1], ARGV[3], ARGV[4]) end
local groups = cjson.decode(ARGV[7])
local found = {#ids}
local function has(text, parts)
  for _, part in ipairs(parts) do if string.find(text, part, 1, true) then return true end end
  return false
end
for _, id in ipairs(ids) do
  local job = redis.call('HMGET', ARGV[1] .. id, 'name', 'data', 'failedReason')
  local matches = job[1] and (ARGV[5] == '' or job[1] == ARGV[5])
  if matches and ARGV[6] ~= '' then
    matches = job[3] and string.find(string.lower(job[3]), ARGV[6], 1, true)
  end
  if matches then
    for _, parts in ipairs(groups) do
      if not has(job[2] or '', parts) then matches = false break end
    end
  end
  if matches then found[#found + 1] = id end
end
return found`;
