/**
 * The script that leases messages.
 *
 * @module
 */

import { ARRIVE } from "./lib_arrivals.ts";
import { READY } from "./lib_conditions.ts";
import { UNIQUE_KEYS } from "./lib_keys.ts";
import { BUNDLES, TAKE_READY } from "./lib_bundles.ts";
import { FILLED } from "./lib_leases.ts";
import { LINES } from "./lib_lines.ts";
import { TAKE_LIMITED } from "./lib_take.ts";
import { TAKE_IN_TURN } from "./lib_turns.ts";
import { NOTE_WAITER } from "./lib_waiters.ts";
import { SET_ASIDE } from "./pause.ts";
import { Script } from "./script.ts";

/**
 * ARGV: consumer, token, limit, now, when a lease without heartbeats ends,
 * the store that waits or "", 1 if it is among the idle, where the turn
 * begins, the most that have limits, the time of rates or "" for the server's,
 * the queues. Answers with the queue served last and, per delivery,
 * id, entry, queue, losses and cancellation; or with the next eta.
 */
export const RESERVE = new Script(
  "reserve",
  [
    ...[LINES, UNIQUE_KEYS, READY, FILLED, BUNDLES],
    ...[TAKE_READY, TAKE_LIMITED, TAKE_IN_TURN],
  ],
  `
local consumer, token, limit, now = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local waiter, first, queues = ARGV[6], tonumber(ARGV[8]), {}
for i = 11, #ARGV do queues[#queues + 1] = ARGV[i] end
local some = call('EXISTS', K .. 'paused', K .. 'lines') > 0
${SET_ASIDE}
if ARGV[7] == '1' then
  for _, queue in ipairs(queues) do call('ZREM', K .. 'idle:' .. queue, waiter) end
  for _, queue in ipairs(halted) do call('ZREM', K .. 'halted:' .. queue, waiter) end
end
${ARRIVE}
-- Most of what limits hold back is in nobody's way.
local parts, limited = {}, nil
if some and #queues > 0 then
  local places = {}
  for _, queue in ipairs(queues) do
    places[#places + 1] = K .. 'open:' .. queue
    places[#places + 1] = K .. 'due:' .. queue
  end
  limited = call('EXISTS', unpack(places)) > 0
    and taker(parts, tonumber(ARGV[9]), now, ARGV[10])
end
local ids, from
if #queues == 1 and not limited then
  -- The usual case: nothing has to be put into an order.
  from = queues[1]
  ids = take_ids(from, limit)
else
  ids, from = take_in_turn(queues, first, limit, limited, parts)
end
local count = #ids
if limited then limited.write() end
if count == 0 then
${NOTE_WAITER}
end

local last = type(from) == 'table' and from.last or from
local entries, found = many('HMGET', TASKS, ids), ids
local whole = true
for i = 1, count do if not entries[i] then whole = false break end end
if not whole then
  -- An id without an entry is nothing: somebody put it there by hand.
  local texts, origins = {}, {}
  found = {}
  for i = 1, count do
    if entries[i] then
      local k = #found + 1
      found[k], texts[k] = ids[i], entries[i]
      origins[k] = type(from) == 'table' and from[i] or from
    end
  end
  entries, from = texts, origins
end
local n, leases = #found, { FILLER, FILLING }
for i = 1, n do leases[2 * i + 1], leases[2 * i + 2] = found[i], token end
many('HSET', K .. 'held:' .. consumer, leases)
call('ZADD', K .. 'leases', 'NX', ARGV[5], consumer)

-- Few have any of these: one look for all.
local marked = call('EXISTS', K .. 'losses', K .. 'cancelled', K .. 'revoked',
  K .. 'wanted') > 0
local cancelled = marked and flags_of('cancelled', found)
if marked and call('EXISTS', K .. 'wanted') == 1 then
  -- As their entries say: others are not looked up.
  local wanting = {}
  for i = 1, n do
    if string.find(entries[i], '\\tuw:', 1, true) then wanting[#wanting + 1] = found[i] end
  end
  if #wanting > 0 then keys().release('wanted', wanting) end
end
if marked and call('EXISTS', K .. 'revoked') == 1 then
  cancelled = cancelled or {}
  local times = many('ZMSCORE', K .. 'revoked', found)
  for i = 1, n do
    cancelled[i] = cancelled[i] or false
    if times[i] and tonumber(times[i]) > tonumber(now) and not cancelled[i] then
      cancelled[i] = '1'
      call('HSET', K .. 'cancelled', found[i], '1')
    end
  end
end

-- Whoever waits beside this one gets what is left.
if limited then
  for _, queue in ipairs(queues) do
    if limited.leaves(queue) then wake(queue, true) end
  end
end
if count == limit then
  for _, queue in ipairs(queues) do
    if call('ZCARD', K .. 'idle:' .. queue) > 0
      and call('ZCARD', K .. 'queue:' .. queue) > 0 then wake(queue) end
  end
end

return { last, found, entries, from, marked and flags_of('losses', found) or false,
  cancelled or false }
`,
);
