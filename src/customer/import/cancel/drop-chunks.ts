/** Lua: drops the bytes of all chunks of an import. Their keys begin as its record's does, and are in its slot. */
export const DROP_CHUNKS = `
local function dropChunks(record)
  for chunk = 0, tonumber(redis.call('HGET', record, 'chunks')) - 1 do
    redis.call('UNLINK', record .. ':chunk:' .. chunk)
  end
end
`;
