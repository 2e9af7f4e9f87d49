/**
 * The script that settles what is settled in the usual way.
 *
 * @module
 */

import { ALSO_WHEN_FULL, BLOCK, NOTED_FIRST } from "./lib.ts";
import { Script } from "./script.ts";

/** The most settlements of one {@linkcode ACKNOWLEDGE}. */
export const MOST_ACKNOWLEDGED = 1_000;

/**
 * Acknowledges without all that the usual case does not need: leases of
 * messages with neither limits nor keys, with nothing that follows; all with
 * records of their own, which have ended in one state, or all without.
 *
 * ARGV: slot, operation, consumer, count, ids, state or "" where there are no
 * records, the first expiry or "", the hash of all records or "" where there
 * are several, the stamp or "", packed records if there are any, and runs of
 * tokens: token and length of each. Answers with the indexes of what was
 * stale.
 *
 * Records that bear a stamp are stored as they come, since to write a number
 * into each of many takes its time; the number of the first stands beside the
 * stamp in the lists of ids.
 */
export const ACKNOWLEDGE = new Script(
  "acknowledge",
  [ALSO_WHEN_FULL, NOTED_FIRST],
  `
local n = tonumber(ARGV[4])
local ids = { unpack(ARGV, 5, 4 + n) }
local state, expiry, packs = ARGV[5 + n], ARGV[6 + n], 8 + n

-- Which leases still hold. Places are theirs in the batch, where some do not.
local held = K .. 'held:' .. ARGV[3]
local tokens, at, i = call('HMGET', held, unpack(ids)), packs + 1, 0
if state ~= '' then at = at + n end
local gone, places, stale = ids, nil, {}
for run = at, #ARGV, 2 do
  local token = ARGV[run]
  for _ = 1, ARGV[run + 1] do
    i = i + 1
    if tokens[i] ~= token then
      if not places then
        gone, places = {}, {}
        for j = 1, i - 1 do gone[j], places[j] = ids[j], j end
      end
      stale[#stale + 1] = i - 1
    elseif places then
      gone[#gone + 1], places[#places + 1] = ids[i], i
    end
  end
end
local answer = table.concat(stale, ',')
if answer ~= '' then call('SET', slot, op .. ' ' .. answer, 'PX', 600000) end
local m = #gone
if m == 0 then return answer end
call('HDEL', held, unpack(gone))
call('HDEL', K .. 'tasks', unpack(gone))
-- Few have any of these: one look for both.
if call('EXISTS', K .. 'losses', K .. 'cancelled') > 0 then
  call('HDEL', K .. 'losses', unpack(gone))
  call('HDEL', K .. 'cancelled', unpack(gone))
end
if state == '' then return answer end

-- The records, by the hashes that they are in: mostly that is one for all.
local base = call('INCRBY', K .. 'result-count', n) - n
local first, parts, hash = string.format('%.0f', base), {}, ARGV[7 + n]
local stamp, prefix = ARGV[8 + n], nil
if stamp == '' then prefix = first .. '\\n' end
local function record(i)
  local pack = ARGV[packs + (places and places[i] or i)]
  return prefix and prefix .. pack or pack
end
if hash ~= '' then
  local fields = {}
  for i = 1, m do
    fields[2 * i - 1], fields[2 * i] = gone[i], record(i)
  end
  parts[K .. hash] = { n = m, ids = gone, fields = fields }
else
  local heads = {}
  for i = 1, m do
    local id = gone[i]
    local head = string.sub(id, 1, 15)
    local part = heads[head]
    if not part then
      -- See hash_of.
      local time = string.match(head, '^(%x%x%x%x%x%x%x%x)%-%x%x%x%x%-7$')
      local name = K .. 'records:' .. (time or '')
      part = parts[name] or { n = 0, ids = {}, fields = {} }
      parts[name], heads[head] = part, part
    end
    local k = part.n + 1
    part.n, part.ids[k] = k, id
    part.fields[2 * k - 1] = id
    part.fields[2 * k] = record(i)
  end
end
local states = K .. 'result-states'
for hash, part in pairs(parts) do
  local old = call('HMGET', hash, unpack(part.ids))
  for i = 1, part.n do
    if old[i] then
      local was = string.match(old[i], '^[^\\n]*\\n%d+\\n[01]\\n([^\\n]*)\\n') or '?'
      if call('HINCRBY', states, was, -1) <= 0 then call('HDEL', states, was) end
    end
  end
  call('HSET', hash, unpack(part.fields))
end
call('HINCRBY', states, state, m)

-- Their ids come to the lists of their numbers, as many at a time as can.
local from, listed = 1, nil
while from <= m do
  local number = base + (places and places[from] or from) - 1
  local block = math.floor(number / ${BLOCK})
  local to = places and from or math.min(m, (block + 1) * ${BLOCK} - base)
  local name = string.format('%.0f', block)
  if stamp ~= '' and block ~= listed then
    call('RPUSH', K .. 'results:' .. name, '\\n' .. stamp .. '\\n' .. first)
    listed = block
  end
  call('RPUSH', K .. 'results:' .. name, unpack(gone, from, to))
  call('ZADD', K .. 'result-blocks', name, name)
  if expiry ~= '' then call('ZADD', K .. 'result-expiry', 'LT', expiry, name) end
  from = to + 1
end
call('PUBLISH', K .. 'ended', table.concat(gone, '\\n'))
return answer
`,
  "local call, K = redis.call, KEYS[1]\n",
);
