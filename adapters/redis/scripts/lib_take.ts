/**
 * The part of a reservation that takes messages with limits.
 *
 * @module
 */

import { RATES } from "./lib_rates.ts";

/**
 * The most lines without room that a call looks at, and the most if there is
 * nothing else to deliver.
 */
const LOOKS = 64;
const MOST_LOOKS = 1_000;
/** The most limits of a queue whose time has come that a call looks at. */
const DUE_STEP = 32;

/**
 * Needs `LINES` and `TAKE_READY`. What it takes of a queue it adds to `parts`, in
 * the order of scores, so that messages with limits stand in line with all
 * others. All of it is made within one function, for the calls that need it.
 */
export const TAKE_LIMITED = `
local function taker(parts, budget, now, given)
${RATES}
  local T = { looks = ${LOOKS}, budget = budget }
  local at = time_of_rates(given)
  local R, counts, later = rates(at), {}, {}

  -- Whether all limits have room; the first that has none, and until when.
  local function has_room(limits)
    for _, limit in ipairs(limits) do
      if limit.kind == 'c' then
        local key = limit.key
        counts[key] = counts[key] or call('SCARD', K .. 'holders:' .. key)
        if counts[key] >= limit.most then return false, limit end
      else
        local _, from = R.state(limit)
        if from > at then return false, limit, from end
      end
    end
    return true
  end

  -- Counts a lease; the keys of concurrencies that it counts towards.
  local function count(id, limits)
    local keys = ''
    for _, limit in ipairs(limits) do
      if limit.kind == 'r' then R.start(limit)
      else
        counts[limit.key] = counts[limit.key] + 1
        call('SADD', K .. 'holders:' .. limit.key, id)
        keys = keys .. '\\tc' .. limit.key
      end
    end
    return keys
  end

  -- Takes what has room of the messages of a line that come before bound.
  local function take_line(queue, line, bound, wanted)
    local key = K .. 'line:' .. line
    local part, gone, rooms, n = { queue = queue }, {}, {}, 0
    local room, full, opens = true, nil, nil
    -- Not many at first: there may be room for one.
    local step = 1
    while room and n < wanted do
      local items = call('ZRANGE', key, '-inf', bound, 'BYSCORE',
        'LIMIT', n, math.min(step, wanted - n), 'WITHSCORES')
      local ids = {}
      for i = 1, #items, 2 do ids[#ids + 1] = items[i] end
      local entries = many('HMGET', TASKS, ids)
      for i, id in ipairs(ids) do
        local conditions = entries[i] and select(7, parse(entries[i]))
        local limits = conditions and lines().limits_of(conditions) or {}
        room, full, opens = has_room(limits)
        if not room then break end
        local keys = count(id, limits)
        n = n + 1
        gone[n] = id
        part[2 * n - 1], part[2 * n] = id, items[2 * i]
        if keys ~= '' then
          rooms[#rooms + 1] = id
          rooms[#rooms + 1] = keys
        end
      end
      if #ids < step then break end
      step = math.min(step * 4, 256)
    end
    if n > 0 then
      parts[#parts + 1] = part
      call('ZPOPMIN', key, n)
      many('ZREM', K .. 'limited:' .. queue, gone)
      many('HSET', K .. 'rooms', rooms)
      T.budget = T.budget - n
    end
    local woken = {}
    local first = call('ZRANGE', key, 0, 0, 'WITHSCORES')
    if not first[1] then lines().close(queue, line, woken)
    elseif full then
      lines().hold_back(queue, line, first[2], full, opens, woken)
      if opens then later[queue] = true end
    else call('ZADD', K .. 'open:' .. queue, first[2], line) end
    return n
  end

  -- Takes up to so many of a queue: of its lines and of all others.
  function T.take(queue, wanted)
    local total, plain = 0, K .. 'queue:' .. queue
    local function take_plain(bound)
      local part, n = take_pairs(queue, wanted - total, bound)
      if n > 0 then parts[#parts + 1] = part end
      total = total + n
    end
    if T.budget > 0 then
      local due = call('ZRANGE', K .. 'due:' .. queue, '-inf', int(at), 'BYSCORE',
        'LIMIT', 0, ${DUE_STEP})
      for _, text in ipairs(due) do
        call('ZREM', K .. 'due:' .. queue, text)
        lines().open_first(queue .. '\\n' .. text, {})
      end
    end
    while total < wanted do
      local open = {}
      if T.budget > 0 and T.looks > 0 then
        open = call('ZRANGE', K .. 'open:' .. queue, 0, 1, 'WITHSCORES')
      end
      if not open[1] then
        take_plain()
        break
      end
      local score = tonumber(open[2])
      local other = call('ZRANGE', plain, 0, 0, 'WITHSCORES')[2]
      if other and tonumber(other) < score then
        take_plain(score)
      else
        local bound = open[4] or '+inf'
        if other and (not open[4] or tonumber(other) < tonumber(bound)) then bound = other end
        local n = take_line(queue, open[1], bound, math.min(wanted - total, T.budget))
        if n == 0 then T.looks = T.looks - 1 end
        total = total + n
      end
    end
    return total
  end

  -- When a rate of this queue has room again, by the clock of who asks.
  function T.next_due(queue)
    if budget == 0 then return nil end
    if call('EXISTS', K .. 'open:' .. queue) == 1 then return tonumber(now) end
    local due = call('ZRANGE', K .. 'due:' .. queue, 0, 0, 'WITHSCORES')[2]
    return due and math.max(tonumber(now), tonumber(due) - at + tonumber(now))
  end

  -- Whether somebody else should look at this queue: there is more, or a time
  -- that nobody who waits may know.
  function T.leaves(queue)
    return later[queue] or call('EXISTS', K .. 'open:' .. queue) == 1
  end

  T.write = R.write
  T.most_looks = ${MOST_LOOKS}
  return T
end
`;
