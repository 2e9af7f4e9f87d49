/**
 * Functions of the scripts that count rates.
 *
 * Of each key a log of starts is kept. Those within a hundredth of the span
 * are one item and count as if all had begun with the last of them: so room
 * may come that much late, but never early. The log is the longest span that
 * was seen, then first start, last start and count of each item.
 *
 * @module
 */

/** So much longer than its span a log is kept, in ms: clocks may differ. */
const MARGIN = 600_000;
/** From so many items on those of longer spans only are counted coarsely. */
const MANY_ITEMS = 300;

/** Logs of starts, read once per call. */
export const RATES = `
local function rates(at)
  local R, logs = {}, {}

  local function log_of(key)
    local log = logs[key]
    if log then return log end
    log = { span = 0 }
    local text = call('GET', K .. 'starts:' .. key)
    if text then
      local span, rest = string.match(text, '^(%S*)(.*)$')
      log.span = tonumber(span) or 0
      for from, to, count in string.gmatch(rest, '(%d+):(%d+):(%d+)') do
        -- Of a clock that was set back: as if it had begun now.
        to = math.min(tonumber(to), at)
        if to + log.span > at then
          log[#log + 1] = { math.min(tonumber(from), to), to, tonumber(count) }
        end
      end
    end
    logs[key] = log
    return log
  end

  -- How many starts count, and when there is room for one more.
  function R.state(limit)
    local log, taken, opens = log_of(limit.key), 0, at
    for i = #log, 1, -1 do
      local to = log[i][2]
      if to + limit.per <= at then break end
      taken = taken + log[i][3]
      if opens == at and taken >= limit.most then opens = to + limit.per end
    end
    return taken, opens
  end

  function R.start(limit)
    local log, last = log_of(limit.key), nil
    last = log[#log]
    if last and (last[2] >= at or at - last[1] < limit.per / 100) then
      last[2], last[3] = at, last[3] + 1
    else
      log[#log + 1] = { at, at, 1 }
    end
    log.span, log.near = math.max(log.span, limit.per), limit.per
    log.changed = true
  end

  local function coarser(log)
    local items = { span = log.span }
    for _, item in ipairs(log) do
      local last = items[#items]
      if last and item[2] + log.near <= at and item[2] - last[1] < log.span / 100 then
        last[2], last[3] = item[2], last[3] + item[3]
      else
        items[#items + 1] = item
      end
    end
    return items
  end

  function R.write()
    for key, log in pairs(logs) do
      if log.changed then
        if #log > ${MANY_ITEMS} then log = coarser(log) end
        local parts = { string.format('%.17g', log.span) }
        for i, item in ipairs(log) do
          parts[i + 1] = int(item[1]) .. ':' .. int(item[2]) .. ':' .. int(item[3])
        end
        call('SET', K .. 'starts:' .. key, table.concat(parts, ' '),
          'PX', int(math.ceil(log.span) + ${MARGIN}))
      end
    end
  end
  return R
end

-- The time that was given, or the server's: rates are measured by one clock.
local function time_of_rates(given)
  if given ~= '' then return tonumber(given) end
  local time = call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`;
