/**
 * The scripts of the inspector.
 *
 * @module
 */

import { BUNDLES } from "./lib_bundles.ts";
import { HELD } from "./lib_leases.ts";
import { Script } from "./script.ts";

const LIVE = `
-- What is said of live tasks: id, entry, consumer or "", losses, cancelled.
local function describe(items)
  local ids = {}
  for i, item in ipairs(items) do ids[i] = item.id end
  local losses, cancelled = flags_of('losses', ids), flags_of('cancelled', ids)
  local answer = {}
  for i, item in ipairs(items) do
    answer[i] = { item.id, item.entry, item.consumer or '',
      losses and losses[i] or '0', cancelled and cancelled[i] or '', item.place or '' }
  end
  return answer
end

local function arrival_of(item)
  local base, index = parse(item.entry)
  return arrival(item.id, base, index)
end

-- The first of these items, in the order of arrival, and where to go on.
local function page_of(items, limit)
  table.sort(items, function(a, b)
    if a.place ~= b.place then return a.place < b.place end
    return a.id < b.id
  end)
  local page, last = {}, ''
  for i = 1, math.min(limit, #items) do page[i] = items[i] end
  if #page == limit then last = int(page[limit].place) .. ':' .. page[limit].id end
  for _, item in ipairs(page) do item.place = int(item.place) end
  return page, last
end

-- The cursor of a page: a number of arrival and an id.
local function cursor_of(text)
  local after, id = string.match(text, '^(-?%d+):(.*)$')
  return tonumber(after), id
end

local function with_entries(items)
  local ids, found = {}, {}
  for i, item in ipairs(items) do ids[i] = item.id end
  local entries = many('HMGET', TASKS, ids)
  for i, item in ipairs(items) do
    if entries[i] then
      item.entry = entries[i]
      found[#found + 1] = item
    end
  end
  return found
end

-- Everything that is held, with its entry: bounded by what workers can hold.
local function all_held()
  local items = {}
  for _, consumer in ipairs(call('ZRANGE', K .. 'leases', 0, -1)) do
    for _, id in ipairs(held_by(consumer)) do
      items[#items + 1] = { id = id, consumer = consumer }
    end
  end
  return with_entries(items)
end
`;

/** ARGV: ids. Answers for each with "" or its status and description. */
export const FIND = new Script(
  "find",
  [HELD],
  `${LIVE}
local entries, items = many('HMGET', TASKS, ARGV), {}
local holders = {}
for _, consumer in ipairs(call('ZRANGE', K .. 'leases', 0, -1)) do
  local held = many('HMGET', K .. 'held:' .. consumer, ARGV)
  for i = 1, #ARGV do if held[i] then holders[i] = consumer end end
end
for i = 1, #ARGV do
  local item = { id = ARGV[i], entry = entries[i] or '', consumer = holders[i] }
  if not entries[i] then item.place = ''
  elseif holders[i] then item.place = 'running'
  else
    local queue = select(4, parse(entries[i]))
    item.place = 'queued'
    if queue and call('ZSCORE', K .. 'schedule:' .. queue,
      member_of(arrival_of(item), ARGV[i])) then item.place = 'scheduled' end
  end
  items[i] = item
end
return describe(items)
`,
);

/**
 * ARGV: cursor or "", limit, queue or "". Answers with the next cursor and
 * descriptions.
 */
export const QUEUED = new Script(
  "list queued",
  [HELD, BUNDLES],
  `${LIVE}
local after, after_id = cursor_of(ARGV[1])
local limit, queues, items = tonumber(ARGV[2]), { ARGV[3] }, {}
if ARGV[3] == '' then queues = call('SMEMBERS', K .. 'queues') end
local function add(id, place) items[#items + 1] = { id = id, place = place } end
-- The ids of a place in a queue: one, or those of a bundle; no more than so
-- many of them, if that is not 0.
local function ids_at(queue, member, most)
  local number = bundle_at(member)
  if not number then return { member } end
  return call('LRANGE', bundle_key(queue, number), 0, most - 1)
end
local function read(key, queue)
  if call('ZCARD', key) > 0 then
    for level = 0, 9 do
      local low = level * LEVEL
      local from, to = int(low - BEFORE), '(' .. int(low + LEVEL - BEFORE)
      if after then
        local here = int(low + after)
        for _, member in ipairs(call('ZRANGE', key, here, here, 'BYSCORE')) do
          for _, id in ipairs(ids_at(queue, member, 0)) do
            if id > after_id then add(id, after) end
          end
        end
        from = '(' .. here
      end
      local part = call('ZRANGE', key, from, to, 'BYSCORE', 'LIMIT', 0, limit, 'WITHSCORES')
      local missing = limit
      for i = 1, #part, 2 do
        if missing <= 0 then break end
        local ids = ids_at(queue, part[i], missing)
        for _, id in ipairs(ids) do add(id, tonumber(part[i + 1]) - low) end
        missing = missing - #ids
      end
    end
  end
end
for _, queue in ipairs(queues) do
  read(K .. 'queue:' .. queue, queue)
  read(K .. 'limited:' .. queue, queue)
end
local page, last = page_of(items, limit)
return { last, describe(with_entries(page)) }
`,
);

/** The same; the cursor is the eta and the number of arrival. */
export const SCHEDULED = new Script(
  "list scheduled",
  [HELD],
  `${LIVE}
local eta, after = string.match(ARGV[1], '^(.*):(%d+)$')
eta, after = tonumber(eta), tonumber(after)
local limit, queues, items = tonumber(ARGV[2]), { ARGV[3] }, {}
if ARGV[3] == '' then queues = call('SMEMBERS', K .. 'queues') end
for _, queue in ipairs(queues) do
  local key, low = K .. 'schedule:' .. queue, 0
  if eta then
    -- Among those of one eta, by number of arrival.
    low = call('ZCOUNT', key, '-inf', '(' .. int(eta))
    local high = low + call('ZCOUNT', key, int(eta), int(eta))
    while low < high do
      local middle = math.floor((low + high) / 2)
      local member = call('ZRANGE', key, middle, middle)[1]
      if tonumber(string.sub(member, 1, 16)) > after then high = middle
      else low = middle + 1 end
    end
  end
  local part = call('ZRANGE', key, low, low + limit - 1, 'WITHSCORES')
  for i = 1, #part, 2 do
    items[#items + 1] = { id = string.sub(part[i], 17), eta = tonumber(part[i + 1]),
      seq = tonumber(string.sub(part[i], 1, 16)) or 0 }
  end
end
table.sort(items, function(a, b)
  if a.eta ~= b.eta then return a.eta < b.eta end
  return a.seq < b.seq
end)
local page = {}
for i = 1, math.min(limit, #items) do
  page[i] = items[i]
  page[i].place = int(items[i].eta) .. ':' .. int(items[i].seq)
end
local last = ''
if #page == limit then last = page[limit].place end
return { last, describe(with_entries(page)) }
`,
);

/** The same, of what is held. */
export const RUNNING = new Script(
  "list running",
  [HELD],
  `${LIVE}
local after, after_id = cursor_of(ARGV[1])
local items = {}
for _, item in ipairs(all_held()) do
  item.place = arrival_of(item)
  local comes = not after or item.place > after or
    (item.place == after and item.id > after_id)
  if comes and (ARGV[3] == '' or select(4, parse(item.entry)) == ARGV[3]) then
    items[#items + 1] = item
  end
end
local page, last = page_of(items, tonumber(ARGV[2]))
return { last, describe(page) }
`,
);

/** Answers with queue, queued, scheduled, running and 1 if paused, of each. */
export const QUEUES = new Script(
  "count queues",
  [HELD],
  `${LIVE}
local running = {}
for _, item in ipairs(all_held()) do
  local queue = select(4, parse(item.entry))
  if queue then running[queue] = (running[queue] or 0) + 1 end
end
for _, queue in ipairs(call('SMEMBERS', K .. 'queues')) do
  running[queue] = running[queue] or 0
end
local paused = {}
for _, queue in ipairs(call('SMEMBERS', K .. 'paused')) do
  paused[queue], running[queue] = 1, running[queue] or 0
end
local answer = {}
for queue, count in pairs(running) do
  local queued = call('ZCARD', K .. 'queue:' .. queue) +
    (call('HGET', K .. 'bundled', queue) or 0) +
    call('ZCARD', K .. 'limited:' .. queue)
  local scheduled = call('ZCARD', K .. 'schedule:' .. queue)
  if queued + scheduled + count > 0 or paused[queue] then
    answer[#answer + 1] = { queue, queued, scheduled, count, paused[queue] or 0 }
  else
    -- A name that nobody uses any more.
    call('SREM', K .. 'queues', queue)
  end
end
return answer
`,
);

/** Answers with consumer, what it said, and how much it holds, of each. */
export const CONSUMERS = new Script(
  "list consumers",
  [HELD],
  `
local all, answer = call('HGETALL', K .. 'consumers'), {}
for i = 1, #all, 2 do
  answer[#answer + 1] = { all[i], all[i + 1], #held_by(all[i]) }
end
return answer
`,
);
