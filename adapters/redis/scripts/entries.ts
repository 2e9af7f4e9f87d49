/**
 * The scripts that write, read and fire the entries of the scheduler.
 *
 * @module
 */

import { COLUMNS } from "./lib.ts";
import { CONDITIONS } from "./lib_conditions.ts";
import { ENTRIES, LEADING, MOVE_ON } from "./lib_entries.ts";
import { ADD_MESSAGES, READ_MESSAGES } from "./lib_messages.ts";
import { OLD_RECORDS } from "./lib_results.ts";
import { Script } from "./script.ts";

/**
 * ARGV: slot, operation, how many, and the columns: names, bodies, due times,
 * and the revisions that are expected, "-" for none and "" for any. Answers
 * with the revision, if anything was written, and the indexes of what was not.
 */
export const PUT = new Script(
  "put entries",
  [COLUMNS, ENTRIES],
  `
return once(ARGV[1], ARGV[2], function()
  local n = tonumber(ARGV[3])
  local all = columns(4, n, 4)
  local names, bodies, dues, expected = all[1], all[2], all[3], all[4]
  local revision = int(tonumber(call('GET', REVISION) or '0') + 1)
  local marks, written, refused = many('HMGET', MARKS, names), {}, {}
  local new_bodies, new_marks, places, k = {}, {}, {}, 1
  for i = 1, n do
    local name, now = names[i], '-'
    if written[name] then now = revision
    elseif marks[i] then now = string.match(marks[i], '^%d+') end
    if expected[i] == '' or expected[i] == now then
      written[name] = true
      new_bodies[k], new_bodies[k + 1] = name, bodies[i]
      new_marks[k], new_marks[k + 1] = name, revision .. ' ' .. dues[i]
      places[k], places[k + 1] = 0, name
      k = k + 2
    else
      refused[#refused + 1] = i - 1
    end
  end
  if k == 1 then return ' ' .. table.concat(refused, ',') end
  call('INCR', REVISION)
  many('HSET', BODIES, new_bodies)
  many('HSET', MARKS, new_marks)
  many('ZADD', NAMES, places)
  return revision .. ' ' .. table.concat(refused, ',')
end)
`,
);

/**
 * ARGV: slot, operation, names. Answers with the indexes of those that there
 * were none of.
 */
export const REMOVE = new Script(
  "remove entries",
  [ENTRIES],
  `
return once(ARGV[1], ARGV[2], function()
  local names, gone, seen, missing = {}, {}, {}, {}
  for i = 3, #ARGV do names[i - 2] = ARGV[i] end
  local marks = many('HMGET', MARKS, names)
  for i, name in ipairs(names) do
    if marks[i] and not seen[name] then
      seen[name] = true
      gone[#gone + 1] = name
    else
      missing[#missing + 1] = i - 1
    end
  end
  if #gone > 0 then
    call('INCR', REVISION)
    for _, key in ipairs({ BODIES, MARKS, STATES }) do many('HDEL', key, gone) end
    many('ZREM', NAMES, gone)
  end
  return table.concat(missing, ',')
end)
`,
);

/** ARGV: names. Answers with bodies, marks and states. */
export const FETCH = new Script(
  "fetch entries",
  [ENTRIES],
  `
return { entries_of(ARGV) }
`,
);

/**
 * ARGV: where the names begin, as ZRANGE takes it, limit. Answers with 1 if
 * there are more, and names, bodies, marks and states.
 */
export const LIST = new Script(
  "list entries",
  [ENTRIES],
  `
local limit = tonumber(ARGV[2])
local names = call('ZRANGE', NAMES, ARGV[1], '+', 'BYLEX', 'LIMIT', 0, limit + 1)
local more = #names > limit
if more then names[#names] = nil end
return { more and 1 or 0, names, entries_of(names) }
`,
);

/**
 * ARGV: slot, operation, what is fired, groups of messages with the indexes
 * of the firings that they belong to. Answers with the indexes of what was
 * late.
 */
export const FIRE = new Script(
  "fire",
  [
    CONDITIONS,
    OLD_RECORDS,
    ADD_MESSAGES,
    COLUMNS,
    READ_MESSAGES,
    ENTRIES,
    MOVE_ON,
  ],
  `
return once(ARGV[1], ARGV[2], function()
  local late, kept, at = move_on(3)
  local groups, total = read_messages(at, true, kept)
  if #groups > 0 then
    local woken = {}
    publish(groups, total, woken)
    wake_all(woken)
  end
  return table.concat(late, ',')
end)
`,
);

/**
 * ARGV: slot, operation, now or "", what is fired, then id, the index of the
 * firing that it belongs to, and text of each message. What is fired owes its
 * messages. Answers with the indexes of what was late.
 */
export const CLAIM = new Script(
  "claim",
  [COLUMNS, ENTRIES, MOVE_ON, LEADING],
  `
return once(ARGV[1], ARGV[2], function()
  local since = int(time_of(ARGV[3])) .. '\\n'
  local late, kept, at = move_on(4)
  local owed = {}
  for i = at, #ARGV, 3 do
    if not kept or kept[ARGV[i + 1]] then
      owed[#owed + 1] = ARGV[i]
      owed[#owed + 1] = since .. ARGV[i + 2]
    end
  end
  many('HSET', K .. 'beat-owed', owed)
  return table.concat(late, ',')
end)
`,
);
