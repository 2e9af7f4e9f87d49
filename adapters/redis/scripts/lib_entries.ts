/**
 * Functions of the scripts that keep the entries of the scheduler.
 *
 * The mark of an entry is its revision and its due time, apart by a space: of
 * two texts that are equal both are.
 *
 * @module
 */

/** Where entries lie, and how they are read. */
export const ENTRIES = `
local BODIES, MARKS, STATES = K .. 'beat-bodies', K .. 'beat-marks', K .. 'beat-states'
local NAMES, REVISION = K .. 'beat-names', K .. 'beat-revision'

-- The bodies, marks and states of these names.
local function entries_of(names)
  return many('HMGET', BODIES, names), many('HMGET', MARKS, names),
    many('HMGET', STATES, names)
end
`;

/** Moving entries on that are fired. */
export const MOVE_ON = `
-- Moves those entries on whose marks are still those that were read. In ARGV
-- lie: how many, and the columns: names, marks, next due times, states.
-- Returns the indexes of those that are late, the indexes of the others as the
-- keys of a table, or nil if that is all, and where it goes on in ARGV.
local function move_on(at)
  local n, all = tonumber(ARGV[at]), nil
  all, at = columns(at + 1, n, 4)
  local names, read, nexts, states = all[1], all[2], all[3], all[4]
  local marks, moved, kept, late = many('HMGET', MARKS, names), {}, {}, {}
  local new_marks, new_states, k = {}, {}, 1
  for i = 1, n do
    local name = names[i]
    if (moved[name] or marks[i]) == read[i] then
      moved[name] = string.match(read[i], '^[^ ]* ') .. nexts[i]
      new_marks[k], new_marks[k + 1] = name, moved[name]
      new_states[k], new_states[k + 1] = name, states[i]
      kept[int(i - 1)], k = true, k + 2
    else
      late[#late + 1] = i - 1
    end
  end
  many('HSET', MARKS, new_marks)
  many('HSET', STATES, new_states)
  return late, #late > 0 and kept or nil, at
end
`;

/** What the time is, and who leads. */
export const LEADING = `
local LEADER = K .. 'beat-leader'
-- A clock that was set back by more than this ends the lease, in ms.
local TOLERANCE = 1000

-- The time that was given, or the server's.
local function time_of(given)
  if given ~= '' then return tonumber(given) end
  local time = call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- id, name and end of the lease of who leads now; nothing if nobody does.
local function leader_at(now)
  local id, name, lease, renewed = unpack(call('HMGET', LEADER, 'id', 'name', 'lease', 'renewed'))
  lease, renewed = tonumber(lease or ''), tonumber(renewed or '')
  if not id or not lease or not renewed then return end
  -- Set back: its end may lie as far ahead as it will.
  if now >= renewed + lease or now < renewed - TOLERANCE then return end
  return id, name or '', renewed + lease
end
`;
