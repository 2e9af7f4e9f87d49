/**
 * The scripts that take out what waits.
 *
 * @module
 */

import { COLUMNS } from "./lib.ts";
import { TAKE_READY } from "./lib_bundles.ts";
import { CONDITIONS } from "./lib_conditions.ts";
import { NEW_RECORDS, OLD_RECORDS } from "./lib_results.ts";
import { Script } from "./script.ts";

/** How many messages one call of a purge drops. */
export const PURGE_STEP = 1_000;

/**
 * ARGV: slot, operation, now, then id, 1 or 2 (by force), until when it is
 * remembered or "" (it is not), 1 if it is kept where it waits of each,
 * followed by groups of records with one record or none. Answers with a letter
 * for each: x removed, r running or kept, u unknown.
 */
export const CANCEL = new Script(
  "cancel",
  [CONDITIONS, OLD_RECORDS, COLUMNS, NEW_RECORDS],
  `
return once(ARGV[1], ARGV[2], function()
  local now, at, outcomes, ended, woken = ARGV[3], 4, {}, {}, {}
  local consumers = call('ZRANGE', K .. 'leases', 0, -1)
  local function mark(id, flag)
    local old = call('HGET', K .. 'cancelled', id)
    if old ~= '2' then call('HSET', K .. 'cancelled', id, flag) end
  end
  -- What was scheduled arrives now.
  local function hasten(id, entry)
    local seq = call('INCR', K .. 'seq') - 1
    call('HSET', TASKS, id,
      int(seq) .. '\\n0' .. string.match(entry, '^%d*\\n%d+(\\n.*)$'))
    return seq
  end
  local function cancel(id, flag, until_, kept)
    local entry = call('HGET', TASKS, id)
    if not entry then
      if until_ ~= '' then call('ZADD', K .. 'revoked', 'GT', until_, id) end
      return 'u'
    end
    for _, consumer in ipairs(consumers) do
      if call('HEXISTS', K .. 'held:' .. consumer, id) == 1 then
        mark(id, flag)
        return 'r'
      end
    end
    local was_scheduled = leave_place(id, entry, woken)
    if kept then
      mark(id, flag)
      local base, index, _, queue, priority = parse(entry)
      if base then
        -- What is cancelled passes all limits.
        local seq = was_scheduled and hasten(id, entry) or arrival(id, base, index)
        call('ZADD', K .. 'queue:' .. queue, level_of(priority) * LEVEL + seq, id)
        woken[queue] = true
      end
      return 'r'
    end
    drop_tasks({ id }, woken, { id })
    return 'x'
  end
  while at <= #ARGV do
    local outcome = cancel(ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3] == '1')
    outcomes[#outcomes + 1] = outcome
    local groups, total
    groups, total, at = read_records(at + 4)
    if outcome == 'x' and #groups > 0 then store(groups, total, ended) end
  end
  call('ZREMRANGEBYSCORE', K .. 'revoked', '-inf', now)
  tell_ended(ended)
  wake_all(woken)
  return table.concat(outcomes)
end)
`,
);

/** ARGV: slot, operation, queue. Answers with how many were dropped. */
export const PURGE = new Script(
  "purge",
  [CONDITIONS, TAKE_READY],
  `
return once(ARGV[1], ARGV[2], function()
  local queue, part = ARGV[3], nil
  local ids = take_ids(queue, ${PURGE_STEP})
  if #ids < ${PURGE_STEP} then
    part = call('ZPOPMIN', K .. 'schedule:' .. queue, ${PURGE_STEP} - #ids)
    for i = 1, #part, 2 do ids[#ids + 1] = string.sub(part[i], 17) end
  end
  local woken = {}
  if #ids < ${PURGE_STEP} then
    part = call('ZRANGE', K .. 'limited:' .. queue, 0, ${PURGE_STEP} - #ids - 1)
    local entries = many('HMGET', TASKS, part)
    for i, id in ipairs(part) do
      if entries[i] then leave_place(id, entries[i], woken) end
      ids[#ids + 1] = id
    end
    -- Also what somebody put there by hand.
    many('ZREM', K .. 'limited:' .. queue, part)
  end
  drop_tasks(ids, woken, ids)
  wake_all(woken)
  return tostring(#ids)
end)
`,
);
