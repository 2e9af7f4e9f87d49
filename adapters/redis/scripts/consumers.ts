/**
 * The scripts of consumers and their leases.
 *
 * @module
 */

import { CONDITIONS } from "./lib_conditions.ts";
import { ALSO_WHEN_FULL } from "./lib.ts";
import { LEASES } from "./lib_leases.ts";
import { Script } from "./script.ts";

/**
 * ARGV: consumer, now, lease, what it said of itself, and the tokens of
 * reservations whose answers were lost: what they took goes back. Answers
 * with 1 if it was known, and pairs of cancelled ids and flags.
 */
export const HEARTBEAT = new Script(
  "heartbeat",
  [ALSO_WHEN_FULL, CONDITIONS, LEASES],
  `
local consumer, now, lease = ARGV[1], ARGV[2], tonumber(ARGV[3])
local held_key = K .. 'held:' .. consumer
if #ARGV > 4 then
  local lost, ids, woken = {}, {}, {}
  for i = 5, #ARGV do lost[ARGV[i]] = true end
  local held = call('HGETALL', held_key)
  for i = 1, #held, 2 do
    if lost[held[i + 1]] then ids[#ids + 1] = held[i] end
  end
  if #ids > 0 then
    many('HDEL', held_key, ids)
    put_back(ids, false, woken, now)
    wake_all(woken)
  end
end
if lease == 0 then return {} end
local known = call('HEXISTS', K .. 'consumers', consumer)
call('HSET', K .. 'consumers', consumer, now .. '\\n' .. ARGV[4])
call('ZADD', K .. 'leases', tonumber(now) + lease, consumer)
local answer = { known }
if call('EXISTS', K .. 'cancelled') == 1 then
  local ids = held_by(consumer)
  local flags = many('HMGET', K .. 'cancelled', ids)
  for i = 1, #ids do
    if flags[i] then
      answer[#answer + 1] = ids[i]
      answer[#answer + 1] = flags[i]
    end
  end
end
return answer
`,
);

const TAKE_BACK = `
local function take_back(consumer, loss, woken, now)
  local key = K .. 'held:' .. consumer
  local ids = held_by(consumer)
  local entries, order = many('HMGET', TASKS, ids), {}
  for i = 1, #ids do
    local base, index = parse(entries[i] or '')
    order[ids[i]] = arrival(ids[i], base, index)
  end
  table.sort(ids, function(a, b)
    if order[a] ~= order[b] then return order[a] < order[b] end
    return a < b
  end)
  call('DEL', key)
  call('HDEL', K .. 'consumers', consumer)
  call('ZREM', K .. 'leases', consumer)
  put_back(ids, loss, woken, now)
  return ids
end
`;

/** ARGV: consumer, now. */
export const LEAVE = new Script(
  "leave",
  [CONDITIONS, LEASES],
  `${TAKE_BACK}
local woken = {}
take_back(ARGV[1], false, woken, ARGV[2])
wake_all(woken)
return 1
`,
);

/** ARGV: now. Answers with consumer, what it said, and ids, of each. */
export const REAP = new Script(
  "reap",
  [CONDITIONS, LEASES],
  `${TAKE_BACK}
local woken, reaped = {}, {}
for _, consumer in ipairs(call('ZRANGE', K .. 'leases', '-inf', ARGV[1], 'BYSCORE')) do
  local said = call('HGET', K .. 'consumers', consumer)
  reaped[#reaped + 1] =
    { consumer, said or '', take_back(consumer, true, woken, ARGV[1]) }
end
wake_all(woken)
if call('EXISTS', K .. 'key-ends', K .. 'key-queues') > 0 then keys().expire(ARGV[1]) end
return reaped
`,
);

/** ARGV: queues. Wakes another store where there is still something. */
export const PASS_ON = new Script(
  "pass on",
  [],
  `
for _, queue in ipairs(ARGV) do
  if call('EXISTS', K .. 'queue:' .. queue, K .. 'schedule:' .. queue) > 0 then
    wake(queue)
  elseif call('EXISTS', K .. 'open:' .. queue, K .. 'due:' .. queue) > 0 then
    wake(queue, true)
  end
end
return 1
`,
);
