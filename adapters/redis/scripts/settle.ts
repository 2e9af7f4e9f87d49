/**
 * The scripts that settle deliveries.
 *
 * @module
 */

import { COLUMNS } from "./lib.ts";
import { CONDITIONS } from "./lib_conditions.ts";
import { GROUPS, SETTLE_GROUPS } from "./lib_groups.ts";
import { LEASES } from "./lib_leases.ts";
import { ADD_MESSAGES, READ_MESSAGES } from "./lib_messages.ts";
import { NEW_RECORDS, OLD_RECORDS } from "./lib_results.ts";
import { Script } from "./script.ts";

function settleScript(
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
      NEW_RECORDS,
      LEASES,
      ...parts,
    ],
    `
return once(ARGV[1], ARGV[2], function()
  local held_key, now = K .. 'held:' .. ARGV[3], ARGV[4]
  local stale, ended, woken, at, number = {}, {}, {}, 5, 0

  local function act(kind, id, at, special)
    if kind == 'a' then
      drop_tasks({ id }, woken, special)
    elseif kind == 'r' or kind == 'l' then
      put_back({ id }, kind == 'l', woken, now)
    elseif kind == 'q' then
      local base = call('INCRBY', K .. 'seq', 1) - 1
      local scheduled = ARGV[at + 2] == '1'
      give_up(special, woken)
      if ARGV[at + 2] == '2' then
        put_in(id, base, ARGV[at + 3], now, woken)
        return at + 5
      end
      local queue = enqueue(
        { queue = ARGV[at], level = tonumber(ARGV[at + 1]), scheduled = scheduled },
        { id }, { ARGV[at + 3] }, { ARGV[at + 4] }, base)
      call('SADD', K .. 'queues', ARGV[at])
      if queue then woken[queue] = true end
      return at + 5
    elseif kind == 'd' then
      local entry = call('HGET', TASKS, id)
      if entry then bury(id, entry, ARGV[at], ARGV[at + 1], now) end
      drop_tasks({ id }, woken, special)
      return at + 2
    end
    return at
  end

  while at <= #ARGV do
    local kind, n = ARGV[at], tonumber(ARGV[at + 1])
    at = at + 2
    -- What still holds, once there is something stale: by id for records, by
    -- index for successors.
    local keep, keep_index
    local given
    if kind == 'A' then
      local all, runs
      all, at = columns(at, n, 1)
      local ids = all[1]
      given = ids
      runs, at = tonumber(ARGV[at]), at + 1
      local tokens = many('HMGET', held_key, ids)
      local gone, i = ids, 0
      for run = 1, runs do
        local token, length = ARGV[at], tonumber(ARGV[at + 1])
        at = at + 2
        for _ = 1, length do
          i = i + 1
          if tokens[i] ~= token then
            if not keep then
              keep, keep_index, gone = {}, {}, {}
              for j = 1, i - 1 do
                keep[ids[j]], keep_index[int(number + j - 1)] = true, true
                gone[j] = ids[j]
              end
            end
            stale[#stale + 1] = int(number + i - 1)
          elseif keep then
            keep[ids[i]], keep_index[int(number + i - 1)] = true, true
            gone[#gone + 1] = ids[i]
          end
        end
      end
      local special = {}
      for i = 1, tonumber(ARGV[at]) do
        local id = ids[tonumber(ARGV[at + i])]
        if not keep or keep[id] then special[#special + 1] = id end
      end
      at = at + 1 + ARGV[at]
      if #gone > 0 then
        many('HDEL', held_key, gone)
        drop_tasks(gone, woken, special)
      end
    else
      keep, keep_index = {}, {}
      for i = 1, n do
        local id, token, action = ARGV[at], ARGV[at + 1], ARGV[at + 2]
        local record_id = ARGV[at + 3]
        local special = ARGV[at + 4] == '1' and { id } or {}
        at = at + 5
        if call('HGET', held_key, id) == token then
          call('HDEL', held_key, id)
          at = act(action, id, at, special)
          keep[record_id], keep_index[int(number + i - 1)] = true, true
        else
          stale[#stale + 1] = int(number + i - 1)
          if action == 'q' then at = at + 5 elseif action == 'd' then at = at + 2 end
        end
      end
    end
    number = number + n
    local groups, total
    groups, total, at = read_records(at, keep, given)
    if #groups > 0 then store(groups, total, ended) end
    groups, total, at = read_messages(at, true, keep_index)
    if #groups > 0 then publish(groups, total, woken) end
    ${last}
  end
  tell_ended(ended)
  wake_all(woken)
  return table.concat(stale, ',')
end)
`,
  );
}

/**
 * ARGV: slot, operation, consumer, now, then steps: "A" (acknowledge: count,
 * ids, runs of tokens, and how many and which of them may have limits or keys)
 * or "S" (settle: count, then id, token, action, the id of the record, and 1 if
 * it may have limits or a key, of each), both followed by groups of records and
 * groups of messages. Answers with the indexes of what was stale.
 */
export const SETTLE = settleScript("settle", [], "");

/** The same; a step may end with "G", plans and ends of groups. */
export const SETTLE_WITH_GROUPS = settleScript(
  "settle with groups",
  [GROUPS, SETTLE_GROUPS],
  "if ARGV[at] == 'G' then at = settle_groups(at + 1, keep_index, now, woken) end",
);
