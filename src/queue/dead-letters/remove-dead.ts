/**
 * Lua: removes a job if it is dead, and only then; between a look and BullMQ's own `remove`, it could be replayed and
 * be gone while it waits. The keys of a job are those that BullMQ 6 deletes; jobs of a flow are not meant.
 */
export const REMOVE_DEAD = `
local function removeDead(dead, jobPrefix, id)
  if redis.call('ZREM', dead, id) == 0 then return 0 end
  local key = jobPrefix .. id
  redis.call('UNLINK', key, key .. ':logs', key .. ':dependencies', key .. ':processed', key .. ':failed',
    key .. ':unsuccessful')
  return 1
end
`;
