/**
 * Functions of the scripts for messages that may have limits or a unique key:
 * how they come to their places, and how they go.
 *
 * @module
 */

import { BUNDLES, LEAVE_QUEUE } from "./lib_bundles.ts";
import { UNIQUE_KEYS } from "./lib_keys.ts";
import { LINES } from "./lib_lines.ts";

/** How messages become ready; needs `LINES`. */
export const READY = `
-- A message is ready: in its queue, or in its line. What was cancelled passes
-- all limits, so that must be known here.
local function make_ready(id, queue, score, conditions, now, woken)
  local line = conditions ~= '' and lines().line_of(queue, conditions)
  if line then
    local cancelled = call('HEXISTS', K .. 'cancelled', id) == 1
    if not cancelled then
      local until_ = call('ZSCORE', K .. 'revoked', id)
      cancelled = until_ and tonumber(until_) > tonumber(now)
      if cancelled then call('HSET', K .. 'cancelled', id, '1') end
    end
    if not cancelled then return lines().add(queue, line, id, score, woken) end
  end
  call('ZADD', K .. 'queue:' .. queue, score, id)
  woken[queue] = true
end

`;

/** Everything that ends, or begins anew, what a message has of these. */
export const CONDITIONS =
  `${LINES}${UNIQUE_KEYS}${READY}${BUNDLES}${LEAVE_QUEUE}
-- The end of leases: what they have taken of concurrencies is free.
local function give_back(ids, woken)
  if #ids == 0 then return end
  local rooms = flags_of('rooms', ids)
  if rooms then lines().give_back(ids, rooms, woken) end
end

-- The same, and their unique keys are free, too.
local function give_up(ids, woken)
  if #ids == 0 then return end
  if call('EXISTS', K .. 'rooms', K .. 'owned', K .. 'wanted') == 0 then return end
  give_back(ids, woken)
  keys().release('owned', ids)
  keys().release('wanted', ids)
end

-- Forgets ids whose messages are gone. All but those named last have neither
-- limits nor keys, and are not looked up for them.
local function drop_tasks(ids, woken, special)
  if #ids == 0 then return end
  many('HDEL', TASKS, ids)
  -- Few have any of these: one look for both.
  if call('EXISTS', K .. 'losses', K .. 'cancelled') > 0 then
    many('HDEL', K .. 'losses', ids)
    many('HDEL', K .. 'cancelled', ids)
  end
  give_up(special, woken)
end

-- Takes a message that waits from its place.
local function leave_place(id, entry, woken)
  local base, index, _, queue, _, _, conditions = parse(entry)
  if not base then return false end
  local scheduled = call('ZREM', K .. 'schedule:' .. queue,
    member_of(arrival(id, base, index), id)) == 1
  if scheduled then return true end
  if conditions == '' or not lines().remove(queue, conditions, id, woken) then
    leave_queue(queue, base, index, id)
  end
  return false
end
`;

/** Needs `CONDITIONS`, and the functions that drop records. */
export const ADD_SPECIAL = `
-- Puts a message to the place that its entry says, all but the base of that.
local function put_in(id, base, pack, now, woken)
  local seq = base + tonumber(string.match(pack, '^%d+') or 0)
  local entry = int(base) .. '\\n' .. pack
  local _, _, _, queue, priority, eta, conditions = parse(entry)
  call('HSET', TASKS, id, entry)
  call('SADD', K .. 'queues', queue)
  keys().claim(id, queue, conditions, now)
  if eta ~= '' and tonumber(eta) > tonumber(now) then
    local key = K .. 'schedule:' .. queue
    local first = call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
    call('ZADD', key, eta, member_of(seq, id))
    if not first or tonumber(eta) < tonumber(first) then woken[queue] = true end
  else
    make_ready(id, queue, level_of(priority) * LEVEL + seq, conditions, now, woken)
  end
end

-- Adds messages one by one that ask for more than a place in a queue; their
-- etas say instead whether they take the place of another one. The queue of
-- the group is the time.
local function add_special(group, base, refused, woken)
  local now, holders = group.queue, nil
  local function is_leased(id)
    holders = holders or call('ZRANGE', K .. 'leases', 0, -1)
    for _, consumer in ipairs(holders) do
      if call('HEXISTS', K .. 'held:' .. consumer, id) == 1 then return true end
    end
    return false
  end
  local function add(id, pack, replaces)
    local old = call('HGET', TASKS, id)
    if (old ~= false) ~= replaces then return false end
    local conditions = select(7, parse('0\\n' .. pack)) or ''
    if not keys().is_free(id, conditions, now) then return false end
    if replaces then
      if is_leased(id) then return false end
      leave_place(id, old, woken)
      keys().release('owned', { id })
      keys().release('wanted', { id })
    else
      drop_records({ id }, true)
    end
    put_in(id, base, pack, now, woken)
    return true
  end
  keys().expire(now)
  for i, id in ipairs(group.ids) do
    if not add(id, group.packs[i], group.etas[i] == '1') then
      refused[#refused + 1] = group.indexes and group.indexes[i] or i - 1
    end
  end
end
`;
