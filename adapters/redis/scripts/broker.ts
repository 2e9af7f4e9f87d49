/**
 * The scripts of the broker's way: publish and reserve.
 *
 * @module
 */

import { COLUMNS, LEVEL_STEP, WAKE } from "./lib.ts";
import { CONDITIONS } from "./lib_conditions.ts";
import { GROUPS } from "./lib_groups.ts";
import { HELD } from "./lib_leases.ts";
import { ADD_MESSAGES, READ_MESSAGES } from "./lib_messages.ts";
import { RATES } from "./lib_rates.ts";
import { OLD_RECORDS } from "./lib_results.ts";
import { TAKE_LIMITED } from "./lib_take.ts";
import { SET_ASIDE } from "./pause.ts";
import { Script } from "./script.ts";

function publishScript(
  name: string,
  parts: readonly string[],
  last: string,
): Script {
  return new Script(
    name,
    [
      CONDITIONS,
      OLD_RECORDS,
      ADD_MESSAGES,
      COLUMNS,
      READ_MESSAGES,
      ...parts,
    ],
    `
return once(ARGV[1], ARGV[2], function()
  local groups, total, at = read_messages(3, false)
  local woken = {}
  local refused = publish(groups, total, woken)
  ${last}
  wake_all(woken)
  return table.concat(refused, ',')
end)
`,
  );
}

/**
 * ARGV: slot, operation, groups of messages. Answers with the indexes of
 * those that were refused.
 */
export const PUBLISH = publishScript("publish", [], "");

/** The same; last in ARGV lie plans of groups that begin with the messages. */
export const PUBLISH_WITH_GROUPS = publishScript(
  "publish with groups",
  [GROUPS],
  "for plan = at, #ARGV, 4 do open_group(plan) end",
);

/** The most messages of one {@linkcode PUBLISH_FRESH}. */
export const MOST_FRESH = 1_000;

/**
 * The same for the usual case, without all that this does not need: ready
 * messages of one queue and level, whose ids were made for them and ascend.
 * They share a number of arrival, so that the server has nothing to write
 * into the entries: those of one score lie in a queue by their ids.
 *
 * ARGV: slot, operation, queue, level, then id and entry of each.
 */
export const PUBLISH_FRESH = new Script(
  "publish fresh",
  [WAKE],
  `
-- Once per operation, as all that is published; the answer is always empty.
local slot, op = K .. 'op:' .. ARGV[1], ARGV[2]
local before = call('SET', slot, op .. ' ', 'PX', 600000, 'GET')
if before then
  -- As a number as it is, where the answer was empty then, too.
  local last = tonumber(before) or tonumber(string.match(before, '^%d+'))
  if last and last >= tonumber(op) then
    call('SET', slot, before, 'PX', 600000)
    return string.match(before, ' (.*)$')
  end
end
local queue, n = ARGV[3], #ARGV
local score = ARGV[4] * ${LEVEL_STEP} + call('INCR', K .. 'seq') - 1
if n == 6 then
  call('HSET', K .. 'tasks', ARGV[5], ARGV[6])
  call('ZADD', K .. 'queue:' .. queue, score, ARGV[5])
else
  local places, text, k = {}, string.format('%.0f', score), 1
  for i = 5, n, 2 do
    places[k], places[k + 1] = text, ARGV[i]
    k = k + 2
  end
  call('HSET', K .. 'tasks', unpack(ARGV, 5))
  call('ZADD', K .. 'queue:' .. queue, unpack(places))
end
call('SADD', K .. 'queues', queue)
wake(queue)
return ''
`,
  "local call, K = redis.call, KEYS[1]\n",
);

/** The most messages of a queue that one call makes ready. */
const PROMOTE_LIMIT = 1_000;
/**
 * So far below the time are stores noted among the idle that take nothing
 * that has limits.
 */
const LOW = 2 ** 45;

/**
 * ARGV: consumer, token, limit, now, when a lease without heartbeats ends,
 * the store that waits or "", 1 if it is among the idle, where the turn
 * begins, the most that have limits, the time of rates or "" for the server's,
 * the queues. Answers with the queue served last and, per delivery,
 * id, entry, queue, losses and cancellation; or with the next eta.
 */
export const RESERVE = new Script(
  "reserve",
  [CONDITIONS, HELD, RATES, TAKE_LIMITED],
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

-- What is due arrives now, by its eta.
for _, queue in ipairs(queues) do
  local key = K .. 'schedule:' .. queue
  local due = call('ZRANGE', key, '-inf', now, 'BYSCORE', 'LIMIT', 0, ${PROMOTE_LIMIT})
  if #due > 0 then
    local ids = {}
    for i = 1, #due do ids[i] = string.sub(due[i], 17) end
    local entries = many('HMGET', TASKS, ids)
    local base = call('INCRBY', K .. 'seq', #ids) - #ids
    local prefix, fields, places = int(base) .. '\\n', {}, {}
    for i = 1, #ids do
      local entry = entries[i]
      if entry then
        local rest = string.match(entry, '^%d+\\n%d+(\\n.*)$')
        local priority, conditions
        if rest then
          local eta, _
          _, _, _, _, priority, eta, conditions = parse(entry)
          fields[#fields + 1] = ids[i]
          fields[#fields + 1] = prefix .. (i - 1) .. rest
        end
        local score = level_of(priority) * LEVEL + base + i - 1
        if conditions and conditions ~= '' then
          make_ready(ids[i], queue, score, conditions, now, {})
          some = true
        else
          places[#places + 1] = score
          places[#places + 1] = ids[i]
        end
      end
    end
    many('ZREM', key, due)
    if #fields > 0 then many('HSET', TASKS, fields) end
    if #places > 0 then many('ZADD', K .. 'queue:' .. queue, places) end
  end
end

-- Each queue in turn gets its share of what is still missing. Parts are
-- pairs of ids and scores.
local active, parts, count, last = {}, {}, 0, ''
-- Most of what limits hold back is in nobody's way.
local limited
if some and #queues > 0 then
  local places = {}
  for _, queue in ipairs(queues) do
    places[#places + 1] = K .. 'open:' .. queue
    places[#places + 1] = K .. 'due:' .. queue
  end
  limited = call('EXISTS', unpack(places)) > 0
    and taker(parts, tonumber(ARGV[9]), now, ARGV[10])
end
local function take_in_turn()
  active = {}
  for i = 0, #queues - 1 do
    active[#active + 1] = queues[(first + i) % #queues + 1]
  end
  while count < limit and #active > 0 do
    local share = math.max(1, math.floor((limit - count) / #active))
    local still = {}
    for _, queue in ipairs(active) do
      local wanted = math.min(share, limit - count)
      if wanted > 0 then
        local n
        if limited then n = limited.take(queue, wanted)
        else
          local part = call('ZPOPMIN', K .. 'queue:' .. queue, wanted)
          n = #part / 2
          if n > 0 then
            part.queue = queue
            parts[#parts + 1] = part
          end
        end
        if n > 0 then last, count = queue, count + n end
        if n == wanted then still[#still + 1] = queue end
      end
    end
    active = still
  end
end
take_in_turn()
if count == 0 and limited and limited.looks == 0 then
  -- Nothing but lines without room so far: there may be more of them.
  limited.looks = limited.most_looks
  take_in_turn()
end

if limited then limited.write() end
if count == 0 then
  local due = ''
  local function note(key)
    if waiter == '' then return end
    -- Who waits says so every few seconds; who does not any more is gone.
    local oldest = tonumber(now) - 600000
    if ARGV[9] == '0' then
      call('ZADD', key, 'GT', now - ${LOW}, waiter)
      call('ZREMRANGEBYSCORE', key, '-inf', oldest - ${LOW})
    else
      call('ZADD', key, now, waiter)
      call('ZREMRANGEBYSCORE', key, 0, oldest)
    end
  end
  for _, queue in ipairs(queues) do
    local other = limited and limited.next_due(queue)
    if other and (due == '' or other < tonumber(due)) then due = int(other) end
    if limited and limited.leaves(queue) then wake(queue, true) end
    local score = call('ZRANGE', K .. 'schedule:' .. queue, 0, 0, 'WITHSCORES')[2]
    if score and (due == '' or tonumber(score) < tonumber(due)) then due = score end
    note(K .. 'idle:' .. queue)
  end
  for _, queue in ipairs(halted) do note(K .. 'halted:' .. queue) end
  return { due }
end

local ids, from = {}, last
if #parts == 1 then
  local part = parts[1]
  for i = 1, count do ids[i] = part[2 * i - 1] end
else
  local taken = {}
  for _, part in ipairs(parts) do
    for i = 1, #part, 2 do
      taken[#taken + 1] = { part[i], tonumber(part[i + 1]), part.queue }
    end
  end
  table.sort(taken, function(a, b)
    if a[2] ~= b[2] then return a[2] < b[2] end
    return a[1] < b[1]
  end)
  from = {}
  for i, one in ipairs(taken) do ids[i], from[i] = one[1], one[3] end
end

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
if marked and call('EXISTS', K .. 'wanted') == 1 then keys().release('wanted', found) end
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
