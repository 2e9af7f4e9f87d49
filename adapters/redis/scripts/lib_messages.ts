/**
 * Functions of the scripts that add messages.
 *
 * @module
 */

import { ADD_SPECIAL } from "./lib_conditions.ts";

/** Putting messages into queues; needs `CONDITIONS` and `OLD_RECORDS`. */
export const ADD_MESSAGES = `${ADD_SPECIAL}
-- Puts messages into queues, ready or scheduled. A group is a queue, a level
-- and whether they are scheduled, with ids, packed messages and etas. Returns
-- the queue if somebody who waits for it should look.
local function enqueue(group, ids, packs, etas, base, indexes)
  local n, prefix, entries, places = #ids, int(base) .. '\\n', {}, {}
  local queue, scheduled = group.queue, group.scheduled
  local score, earliest = group.level * LEVEL + base, nil
  local k = 1
  for i = 1, n do
    local id, index = ids[i], indexes and indexes[i] or i - 1
    entries[k], entries[k + 1] = id, prefix .. packs[i]
    if scheduled then
      places[k], places[k + 1] = etas[i], member_of(base + index, id)
      local eta = tonumber(etas[i])
      if not earliest or eta < earliest then earliest = eta end
    else
      places[k], places[k + 1] = score + index, id
    end
    k = k + 2
  end
  many('HSET', TASKS, entries)
  if not scheduled then
    many('ZADD', K .. 'queue:' .. queue, places)
    return queue
  end
  local key = K .. 'schedule:' .. queue
  local first = call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
  many('ZADD', key, places)
  return (not first or earliest < tonumber(first)) and queue or nil
end

-- Adds the messages whose ids are not live; their tasks start over. Returns
-- the indexes of those that were refused.
local function publish(groups, total, woken)
  local base = call('INCRBY', K .. 'seq', total) - total
  local refused = {}
  for _, group in ipairs(groups) do
    local ids, packs, etas, indexes = group.ids, group.packs, group.etas, group.indexes
    local old = {}
    if group.special then
      add_special(group, base, refused, woken)
      ids = {}
    else
      old = many('HMGET', TASKS, ids)
    end
    local clash = false
    for i = 1, #ids do if old[i] then clash = true break end end
    if clash then
      local i2, p2, e2, n2 = {}, {}, {}, {}
      for i = 1, #ids do
        local index = indexes and indexes[i] or i - 1
        if old[i] then
          refused[#refused + 1] = index
        else
          local k = #i2 + 1
          i2[k], p2[k], n2[k] = ids[i], packs[i], index
          if etas then e2[k] = etas[i] end
        end
      end
      ids, packs, etas, indexes = i2, p2, e2, n2
    end
    if #ids > 0 then
      drop_records(ids, true)
      local queue = enqueue(group, ids, packs, etas, base, indexes)
      call('SADD', K .. 'queues', group.queue)
      if queue then woken[queue] = true end
    end
  end
  return refused
end
`;

/** Reading messages that are to be added. */
export const READ_MESSAGES = `
-- Reads groups of messages: how many groups and messages, then of each group
-- queue, level, 1 if scheduled, 2 if special, count, and the columns: ids, packed messages,
-- indexes if there are several groups, etas if not 0, and in a settlement
-- whose successors they are.
local function read_messages(at, owned, keep)
  local groups, count, total = {}, tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  at = at + 2
  for g = 1, count do
    local n, kind = tonumber(ARGV[at + 3]), ARGV[at + 2]
    local scheduled = kind ~= '0'
    local group = { queue = ARGV[at], level = tonumber(ARGV[at + 1]),
      scheduled = kind == '1', special = kind == '2' }
    local several = count > 1
    local all, c
    all, at = columns(at + 4, n,
      2 + (several and 1 or 0) + (scheduled and 1 or 0) + (owned and 1 or 0))
    group.ids, group.packs, c = all[1], all[2], 3
    if several then
      group.indexes, c = all[c], c + 1
      for i = 1, n do group.indexes[i] = tonumber(group.indexes[i]) end
    end
    if scheduled then group.etas, c = all[c], c + 1 end
    if keep then sift(group, { 'ids', 'packs', 'etas' }, keep, all[c]) end
    if #group.ids > 0 then groups[#groups + 1] = group end
  end
  return groups, total, at
end
`;
