/**
 * The part of a reservation that takes from several queues, or beside lines.
 *
 * @module
 */

/**
 * Takes in turn; needs `TAKE_READY`. Answers with ids in their order, and the queue of each;
 * beside these, `last` is the queue that was served last.
 */
export const TAKE_IN_TURN = `
local function take_in_turn(queues, first, limit, limited, parts)
  local count, last = 0, ''
  -- Each queue in turn gets its share of what is still missing. Parts are
  -- pairs of ids and scores.
  local function take()
    local active = {}
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
            local part
            part, n = take_pairs(queue, wanted)
            if n > 0 then parts[#parts + 1] = part end
          end
          if n > 0 then last, count = queue, count + n end
          if n == wanted then still[#still + 1] = queue end
        end
      end
      active = still
    end
  end
  take()
  if count == 0 and limited and limited.looks == 0 then
    -- Nothing but lines without room so far: there may be more of them.
    limited.looks = limited.most_looks
    take()
  end

  local ids = {}
  if #parts == 1 then
    local part = parts[1]
    for i = 1, count do ids[i] = part[2 * i - 1] end
    return ids, last
  end
  local taken, from = {}, { last = last }
  for _, part in ipairs(parts) do
    for i = 1, #part, 2 do
      taken[#taken + 1] = { part[i], tonumber(part[i + 1]), part.queue }
    end
  end
  table.sort(taken, function(a, b)
    if a[2] ~= b[2] then return a[2] < b[2] end
    return a[1] < b[1]
  end)
  for i, one in ipairs(taken) do ids[i], from[i] = one[1], one[3] end
  return ids, from
end
`;
