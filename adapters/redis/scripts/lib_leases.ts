/**
 * Functions of the scripts that end leases.
 *
 * @module
 */

/** What is held. */
export const HELD = `
-- What a consumer holds. Beside the leases there is one field that is none:
-- it makes Redis keep the hash as a table from the start, where it would
-- otherwise search through the first hundred of them one by one.
local FILLER, FILLING = '\\n', string.rep(' ', 65)
local function held_by(consumer)
  local ids = {}
  for _, id in ipairs(call('HKEYS', K .. 'held:' .. consumer)) do
    if id ~= FILLER then ids[#ids + 1] = id end
  end
  return ids
end
`;

/** What is held, and the ways out of that; needs `CONDITIONS`. */
export const LEASES = `${HELD}
-- To the dead letters: losses, when, reason, detail, id, and the entry.
local function bury(id, entry, reason, detail, now)
  local losses = call('HGET', K .. 'losses', id) or '0'
  local key = int(call('INCR', K .. 'dead-seq'))
  call('HSET', K .. 'dead', key, losses .. '\\n' .. now .. '\\n' .. reason ..
    '\\n' .. detail .. '\\n' .. id .. '\\n' .. entry)
  call('ZADD', K .. 'dead-order', key, key)
end

-- Puts messages whose leases have ended back to their places. What is no entry, put
-- in by hand, has none, and goes to the dead letters.
local function put_back(ids, loss, woken, now)
  local entries = many('HMGET', TASKS, ids)
  give_back(ids, woken)
  -- The last first: of those that want one key, it goes to that.
  for i = #ids, 1, -1 do
    local id, entry = ids[i], entries[i]
    if entry then
      if loss then call('HINCRBY', K .. 'losses', id, 1) end
      local base, index, _, queue, priority, _, conditions = parse(entry)
      if base then
        local score = level_of(priority) * LEVEL + arrival(id, base, index)
        if conditions == '' then
          call('ZADD', K .. 'queue:' .. queue, score, id)
          woken[queue] = true
        else
          keys().claim(id, conditions, now)
          make_ready(id, queue, score, conditions, now, woken)
        end
        call('SADD', K .. 'queues', queue)
      else
        bury(id, entry, 'DecodeError', 'The entry in Redis cannot be read', now)
        drop_tasks({ id }, woken)
      end
    end
  end
end
`;
