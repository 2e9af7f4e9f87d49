/**
 * Functions of the scripts that end leases.
 *
 * @module
 */

/** The field that is no lease. */
export const FILLED = `
-- Beside the leases of a consumer there is one field that is none: it makes
-- Redis keep the hash as a table from the start, where it would otherwise
-- search through the first hundred of them one by one.
local FILLER, FILLING = '\\n', string.rep(' ', 65)
`;

/** What is held. */
export const HELD = `${FILLED}
-- What a consumer holds.
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
  local entries, places, special = many('HMGET', TASKS, ids), {}, {}
  for i, id in ipairs(ids) do
    local base, index, _, queue, priority, _, conditions = parse(entries[i] or '')
    if base then
      places[i] = { queue, level_of(priority) * LEVEL + arrival(id, base, index),
        conditions }
    end
    if conditions ~= '' then special[#special + 1] = id end
  end
  give_back(special, woken)
  -- The last first: of those that want one key, it goes to that.
  for i = #ids, 1, -1 do
    local id, place = ids[i], places[i]
    if loss and entries[i] then call('HINCRBY', K .. 'losses', id, 1) end
    if place then
      local queue, score, conditions = unpack(place)
      if conditions == '' then
        call('ZADD', K .. 'queue:' .. queue, score, id)
        woken[queue] = true
      else
        keys().claim(id, queue, conditions, now)
        make_ready(id, queue, score, conditions, now, woken)
      end
      call('SADD', K .. 'queues', queue)
    elseif entries[i] then
      bury(id, entries[i], 'DecodeError', 'The entry in Redis cannot be read', now)
      drop_tasks({ id }, woken, { id })
    end
  end
end
`;
