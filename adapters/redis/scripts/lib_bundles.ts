/**
 * Functions of the scripts that know bundles.
 *
 * Ids that arrive together lie in a list of their own, a bundle, which has one
 * place in the queue: a line end and its number. To put an id into a list, and
 * to take it out again, costs the server a fraction of what it costs in a
 * sorted set. Whatever comes back, or is moved, has a place for itself.
 *
 * @module
 */

/** Where bundles are, and how many messages are in them. */
export const BUNDLES = `
local function bundle_key(queue, number)
  return K .. 'bundle:' .. number .. ':' .. queue
end

-- The number of the bundle that has this place in a queue; nil if an id has it.
local function bundle_at(member)
  if string.byte(member) == 10 then return string.sub(member, 2) end
end

-- So many have left a bundle; one that is empty has no place any more.
local function leave_bundle(queue, number, count)
  if call('EXISTS', bundle_key(queue, number)) == 0 then
    call('ZREM', K .. 'queue:' .. queue, '\\n' .. number)
    count = count - 1
  end
  if count > 0 and call('HINCRBY', K .. 'bundled', queue, -count) <= 0 then
    call('HDEL', K .. 'bundled', queue)
  end
end
`;

/** Taking what is first; needs `BUNDLES`. */
export const TAKE_READY = `
-- Takes from the head of a queue: out of a bundle, or what lies before the
-- next one; at most so many, and nothing whose score is not below the bound,
-- if there is one. Returns ids and their scores, or the one that all have; no
-- scores if none are asked for and they differ; nil if there is nothing.
local function take_run(queue, wanted, scored, bound)
  local key = K .. 'queue:' .. queue
  local head = call('ZRANGE', key, 0, 0, 'WITHSCORES')
  local first, score = head[1], head[2]
  if not first or (bound and tonumber(score) >= bound) then return nil end
  local number = bundle_at(first)
  if number then
    local ids = call('LPOP', bundle_key(queue, number), wanted) or {}
    leave_bundle(queue, number, #ids)
    return ids, score
  end
  if wanted == 1 then
    call('ZPOPMIN', key)
    return { first }, score
  end
  local items, ids, scores, step = nil, {}, nil, 1
  if scored or bound then
    items, scores, step = call('ZRANGE', key, 0, wanted - 1, 'WITHSCORES'), {}, 2
  else
    items = call('ZRANGE', key, 0, wanted - 1)
  end
  for i = 1, #items, step do
    if bundle_at(items[i]) then break end
    if bound and tonumber(items[i + 1]) >= bound then break end
    ids[#ids + 1] = items[i]
    if scores then scores[#ids] = items[i + 1] end
  end
  call('ZREMRANGEBYRANK', key, 0, #ids - 1)
  return ids, scores
end

-- The ids alone, from as many runs as it takes.
local function take_ids(queue, wanted)
  local ids, more = {}, take_run(queue, wanted)
  while more do
    if #ids == 0 then ids = more
    else for i = 1, #more do ids[#ids + 1] = more[i] end end
    if #ids == wanted then break end
    more = take_run(queue, wanted - #ids)
  end
  return ids
end

-- Pairs of ids and scores, and how many.
local function take_pairs(queue, wanted, bound)
  local part, n = { queue = queue }, 0
  while n < wanted do
    local ids, scores = take_run(queue, wanted - n, true, bound)
    if not ids then break end
    for i = 1, #ids do
      n = n + 1
      part[2 * n - 1] = ids[i]
      part[2 * n] = type(scores) == 'table' and scores[i] or scores
    end
  end
  return part, n
end
`;

/** Taking out one that is somewhere in a queue; needs `BUNDLES`. */
export const LEAVE_QUEUE = `
local function leave_queue(queue, base, index, id)
  if call('ZREM', K .. 'queue:' .. queue, id) == 1 then return end
  -- The entry of one without a base says which bundle it came in.
  if base ~= '' or index == '0' then return end
  if call('LREM', bundle_key(queue, index), 1, id) == 1 then
    leave_bundle(queue, index, 1)
  end
end
`;
