/**
 * Functions of the scripts that know unique keys.
 *
 * @module
 */

/** Keys that end with a time and are dropped by one call. */
const EXPIRE_STEP = 100;

/** Unique keys; made when they are needed first, as the lines are. */
export const UNIQUE_KEYS = `
local keys_made
local function keys()
  if keys_made then return keys_made end
  local U = {}
  local KEYS_, ENDS = K .. 'keys', K .. 'key-ends'

  -- Until when, "l" for as long as it lives, or "w" for as long as it waits,
  -- and the key that a message asks for; nil if for none.
  function U.of(conditions)
    return string.match(conditions, '\\tu([^:\\t]*):([^\\t]*)')
  end

  -- The id that has a key, and until when if that is a time; nil if it is free.
  function U.holder(key, now)
    local text = call('HGET', KEYS_, key)
    if not text then return nil end
    local until_, id = string.match(text, '^([^\\n]*)\\n(.*)$')
    if tonumber(until_) and tonumber(until_) <= tonumber(now) then return nil end
    return id, tonumber(until_)
  end

  -- Whether a message may have its key.
  function U.is_free(id, conditions, now)
    local _, key = U.of(conditions)
    if not key then return true end
    local holder = U.holder(key, now)
    return not holder or holder == id
  end

  -- Gives a message that waits its key, unless another one has it.
  function U.claim(id, queue, conditions, now)
    local until_, key = U.of(conditions)
    if not key then return end
    local holder = U.holder(key, now)
    if holder and holder ~= id then return end
    local time = tonumber(until_)
    if time and time <= tonumber(now) then return end
    call('HSET', KEYS_, key, (time and until_ or '') .. '\\n' .. id)
    if time then
      call('ZADD', ENDS, until_, key)
      call('ZADD', K .. 'key-queues', 'GT', until_, queue)
    else
      call('ZREM', ENDS, key)
      call('HSET', K .. (until_ == 'w' and 'wanted' or 'owned'), id, key)
    end
  end

  -- These do not have the keys any more that are noted in this hash.
  function U.release(noted, ids)
    local found, gone = many('HMGET', K .. noted, ids), {}
    for i, id in ipairs(ids) do
      if found[i] then
        gone[#gone + 1] = id
        if call('HGET', KEYS_, found[i]) == '\\n' .. id then
          call('HDEL', KEYS_, found[i])
        end
      end
    end
    many('HDEL', K .. noted, gone)
  end

  -- Drops some of those whose time has come.
  function U.expire(now)
    call('ZREMRANGEBYSCORE', K .. 'key-queues', '-inf', now)
    local due = call('ZRANGE', ENDS, '-inf', now, 'BYSCORE', 'LIMIT', 0, ${EXPIRE_STEP})
    if #due == 0 then return end
    many('ZREM', ENDS, due)
    many('HDEL', KEYS_, due)
  end

  keys_made = U
  return U
end
`;
