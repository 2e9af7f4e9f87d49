/**
 * Functions of the scripts that know limits.
 *
 * A message with limits that is ready lies in a line, one for each queue and
 * set of keys. A line is open, then a reservation looks at its first message;
 * or it is in the list of a limit that had no room for that, then nobody looks
 * at it. There is a list for each queue and text of a limit. As long as a limit
 * has room for those in one of its lists, a line of that list is open; it is
 * followed by the next one when it is done, or has no room elsewhere. So the
 * work is that of what is leased.
 *
 * Names: a line is its queue and the keys of its limits, with their kinds; a
 * list is its queue and the text of its limit; all apart by line ends.
 *
 * @module
 */

/**
 * Lines and lists. All of it is made when it is needed first: a call that has
 * nothing to do with limits makes but one function.
 */
export const LINES = `
local lines_made
local function lines()
  if lines_made then return lines_made end
  local L = {}
  local LINES, WAITS = K .. 'lines', K .. 'waits:'

  -- The limits in what was written behind an eta: text, kind, key, most, and
  -- the span of a rate, of each.
  function L.limits_of(conditions)
    local limits = {}
    for kind, room, key in string.gmatch(conditions, '\\t([cr])([^:\\t]*):([^\\t]*)') do
      local most, per = string.match(room, '^([^/]+)/?(.*)$')
      limits[#limits + 1] = { text = kind .. room .. ':' .. key, kind = kind,
        key = key, most = tonumber(most) or 0, per = tonumber(per) }
    end
    return limits
  end

  -- The line of a message; nil if it has no limits.
  function L.line_of(queue, conditions)
    local keys = {}
    for _, limit in ipairs(L.limits_of(conditions)) do
      keys[#keys + 1] = limit.kind .. ':' .. limit.key
    end
    if #keys == 0 then return nil end
    table.sort(keys)
    return queue .. '\\n' .. table.concat(keys, '\\n')
  end

  local function parts_of(list)
    local queue, text = string.match(list, '^([^\\n]*)\\n(.*)$')
    local kind, room, key = string.match(text, '^(.)([^:]*):(.*)$')
    return queue, text, kind, key, tonumber(room)
  end

  local function end_list(list)
    if call('EXISTS', WAITS .. list) == 1 then return end
    local queue, text, kind, key = parts_of(list)
    call('SREM', K .. 'lists:' .. kind .. ':' .. key, list)
    if kind == 'r' then call('ZREM', K .. 'due:' .. queue, text) end
  end

  -- Takes a line out of the list that it is in; false if it is open.
  local function leave_list(line)
    local list = call('HGET', LINES, line)
    if not list or list == '' then return false end
    call('ZREM', WAITS .. list, line)
    end_list(list)
    return true
  end

  local function open(queue, line, score, woken)
    leave_list(line)
    call('HSET', LINES, line, '')
    call('ZADD', K .. 'open:' .. queue, score, line)
    woken[queue] = woken[queue] or 'limited'
  end

  -- Opens the first line of a list.
  function L.open_first(list, woken)
    local first = call('ZRANGE', WAITS .. list, 0, 0, 'WITHSCORES')
    if first[1] then open(parts_of(list), first[1], first[2], woken) end
  end

  -- A line is not open any more: whoever waits for what it has left.
  function L.pass_on(queue, line, except, woken)
    for kind, key in string.gmatch(line, '\\n([cr]):([^\\n]*)') do
      for _, list in ipairs(call('SMEMBERS', K .. 'lists:' .. kind .. ':' .. key)) do
        local of, text, _, _, most = parts_of(list)
        if of == queue and list ~= except then
          local may
          if kind == 'c' then
            may = call('SCARD', K .. 'holders:' .. key) < (most or 0)
          else
            may = not call('ZSCORE', K .. 'due:' .. queue, text)
          end
          if may then L.open_first(list, woken) end
        end
      end
    end
  end

  -- The first message of an open line has no room: until when, for a rate.
  function L.hold_back(queue, line, score, limit, opens, woken)
    local list = queue .. '\\n' .. limit.text
    call('ZREM', K .. 'open:' .. queue, line)
    call('HSET', LINES, line, list)
    call('ZADD', WAITS .. list, score, line)
    call('SADD', K .. 'lists:' .. limit.kind .. ':' .. limit.key, list)
    if opens then call('ZADD', K .. 'due:' .. queue, opens, limit.text) end
    L.pass_on(queue, line, list, woken)
  end

  -- Nothing is left in a line.
  function L.close(queue, line, woken)
    local waited = leave_list(line)
    call('HDEL', LINES, line)
    if waited then return end
    call('ZREM', K .. 'open:' .. queue, line)
    L.pass_on(queue, line, nil, woken)
  end

  local function first_of(line)
    local first = call('ZRANGE', K .. 'line:' .. line, 0, 0, 'WITHSCORES')
    return first[1], first[2]
  end

  function L.add(queue, line, id, score, woken)
    local before = first_of(line)
    call('ZADD', K .. 'line:' .. line, score, id)
    call('ZADD', K .. 'limited:' .. queue, score, id)
    local first, at = first_of(line)
    if first ~= before then open(queue, line, at, woken) end
  end

  -- Takes a message out of its line, if it is there.
  function L.remove(queue, conditions, id, woken)
    local line = L.line_of(queue, conditions)
    if not line then return false end
    local before = first_of(line)
    if call('ZREM', K .. 'line:' .. line, id) == 0 then return false end
    call('ZREM', K .. 'limited:' .. queue, id)
    if before ~= id then return true end
    local first, at = first_of(line)
    if not first then L.close(queue, line, woken)
    else
      open(queue, line, at, woken)
      L.pass_on(queue, line, nil, woken)
    end
    return true
  end

  -- Leases have ended: what they took of concurrencies is free.
  function L.give_back(ids, rooms, woken)
    local given, freed = {}, {}
    for i, id in ipairs(ids) do
      if rooms[i] then
        given[#given + 1] = id
        for key in string.gmatch(rooms[i], '[^\\t]+') do
          key = string.sub(key, 2)
          call('SREM', K .. 'holders:' .. key, id)
          freed[key] = (freed[key] or 0) + 1
        end
      end
    end
    many('HDEL', K .. 'rooms', given)
    for key, count in pairs(freed) do
      local taken
      for _, list in ipairs(call('SMEMBERS', K .. 'lists:c:' .. key)) do
        taken = taken or call('SCARD', K .. 'holders:' .. key)
        local most = select(5, parts_of(list)) or 0
        for _ = 1, math.min(count, most - taken) do L.open_first(list, woken) end
      end
    end
  end

  lines_made = L
  return L
end
`;
