/**
 * Functions of the scripts that store, count and drop records.
 *
 * @module
 */

/** Reading, counting and dropping what is stored. */
export const OLD_RECORDS = `
-- The hash that the record of an id is in. Ids that were made within the same
-- 65 s share one, by the first half of the time that they begin with: a hash
-- of all would now and then be moved into a table of twice its size, and all
-- that is stored until that is done would take a third longer.
local hashes = {}
local function hash_of(id)
  local head = string.sub(id, 1, 15)
  local hash = hashes[head]
  if not hash then
    local time = string.match(head, '^(%x%x%x%x%x%x%x%x)%-%x%x%x%x%-7$')
    hash = K .. 'records:' .. (time or '')
    hashes[head] = hash
  end
  return hash
end

-- The records of ids, false where there is none; then the hash that all of
-- them are in, or nil and a list with the hash of each.
local function read_old(ids)
  if #ids == 0 then return {} end
  local first, each = hash_of(ids[1]), nil
  for i = 2, #ids do
    local hash = hash_of(ids[i])
    if not each and hash ~= first then
      each = {}
      for j = 1, i - 1 do each[j] = first end
    end
    if each then each[i] = hash end
  end
  if not each then return many('HMGET', first, ids), first end
  local parts, old = {}, {}
  for i = 1, #ids do
    local part = parts[each[i]]
    if not part then
      part = { ids = {}, places = {} }
      parts[each[i]] = part
    end
    part.ids[#part.ids + 1], part.places[#part.places + 1] = ids[i], i
  end
  for hash, part in pairs(parts) do
    local some = many('HMGET', hash, part.ids)
    for k, place in ipairs(part.places) do old[place] = some[k] end
  end
  return old, nil, each
end

-- ended, state, and index of a record, and the number or the stamp of its batch
local function parse_record(text)
  local batch, index, ended, state =
    string.match(text, '^([^\\n]*)\\n(%d+)\\n([01])\\n([^\\n]*)\\n')
  if not batch then return true, '?' end
  return ended == '1', state, tonumber(index), batch
end

local function count_state(state, by)
  if call('HINCRBY', K .. 'result-states', state, by) <= 0 then
    call('HDEL', K .. 'result-states', state)
  end
end

-- Drops what is known of earlier runs of these ids that have ended.
local function drop_records(ids, only_ended)
  local old = read_old(ids)
  for i = 1, #ids do
    if old[i] then
      local ended, state = parse_record(old[i])
      if ended or not only_ended then
        if call('HDEL', hash_of(ids[i]), ids[i]) == 1 then count_state(state, -1) end
      end
    end
  end
end
`;

/** Storing records, and telling those who wait for them. */
export const NEW_RECORDS = `
-- Notes ids in the n-th list, from and to these indexes.
local function list_up(n, ids, from, to, expiry)
  local name = int(n)
  call('RPUSH', K .. 'results:' .. name, unpack(ids, from, to))
  call('ZADD', K .. 'result-blocks', name, name)
  if expiry then call('ZADD', K .. 'result-expiry', 'LT', expiry, name) end
end

-- The same of all of a group, by their indexes; without those they are in turn.
local function list_all(base, ids, indexes, expiry)
  if indexes then
    local lists = {}
    for i = 1, #ids do
      local n = math.floor((base + indexes[i]) / BLOCK)
      local list = lists[n] or {}
      lists[n], list[#list + 1] = list, ids[i]
    end
    for n, list in pairs(lists) do
      for from = 1, #list, BLOCK do
        list_up(n, list, from, math.min(from + BLOCK - 1, #list), expiry)
      end
    end
    return
  end
  local from = 1
  while from <= #ids do
    local n = math.floor((base + from - 1) / BLOCK)
    local to = math.min(#ids, (n + 1) * BLOCK - base)
    list_up(n, ids, from, to, expiry)
    from = to + 1
  end
end

-- Of a group the records to be stored, where some ids have one already: ids,
-- packed records, indexes, and the hash of each, if they differ.
local function without_ended(group, old, each)
  local ids, packs, indexes, hashes = {}, {}, {}, each and {}
  for i = 1, #group.ids do
    local keep = true
    if old[i] then
      local ended, state = parse_record(old[i])
      keep = group.ended or not ended
      if keep then count_state(state, -1) end
    end
    if keep then
      local k = #ids + 1
      ids[k], packs[k] = group.ids[i], group.packs[i]
      indexes[k] = group.indexes and group.indexes[i] or i - 1
      if each then hashes[k] = each[i] end
    end
  end
  return ids, packs, indexes, hashes
end

-- Stores records; one that has not ended leaves alone what has. A group is a
-- state and the first expiry, with ids, packed records and their indexes.
local function store(groups, total, ended_ids)
  local base = call('INCRBY', K .. 'result-count', total) - total
  local prefix = int(base) .. '\\n'
  for _, group in ipairs(groups) do
    local ids, packs, indexes = group.ids, group.packs, group.indexes
    local old, hash, each = read_old(ids)
    for i = 1, #ids do
      if old[i] then
        ids, packs, indexes, each = without_ended(group, old, each)
        break
      end
    end
    local n, parts, current, fields, last = #ids, {}, nil, nil, nil
    for i = 1, n do
      local own = hash or each[i]
      if own ~= current then
        current, fields = own, parts[own] or {}
        parts[own], last = fields, #fields
      end
      last = last + 2
      fields[last - 1], fields[last] = ids[i], prefix .. packs[i]
    end
    for own, fields in pairs(parts) do many('HSET', own, fields) end
    if group.ended then
      local before = #ended_ids
      for i = 1, n do ended_ids[before + i] = ids[i] end
    end
    if n > 0 then
      list_all(base, ids, indexes, group.expiry)
      call('HINCRBY', K .. 'result-states', group.state, n)
    end
  end
end

-- Reads groups of records: how many groups and records, then of each group
-- state, 1 if ended, the first expiry, count, and the columns: ids, packed
-- records, and indexes if there are several groups. Given ids, a count of 0
-- says that the records are theirs, one for each, and no ids follow.
local function read_records(at, keep, given)
  local groups, count, total = {}, tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  at = at + 2
  for g = 1, count do
    local n, all = tonumber(ARGV[at + 3]), nil
    local group = { state = ARGV[at], ended = ARGV[at + 1] == '1',
      expiry = tonumber(ARGV[at + 2]) }
    if n == 0 then
      all, at = columns(at + 4, #given, 1)
      group.ids, group.packs = given, all[1]
    else
      all, at = columns(at + 4, n, count > 1 and 3 or 2)
      group.ids, group.packs, group.indexes = all[1], all[2], all[3]
      if count > 1 then
        for i = 1, n do all[3][i] = tonumber(all[3][i]) end
      end
    end
    if keep then sift(group, { 'ids', 'packs' }, keep, group.ids) end
    if #group.ids > 0 then groups[#groups + 1] = group end
  end
  return groups, total, at
end

-- Tells who waits for results, so many ids at a time.
local function tell_ended(ids)
  for from = 1, #ids, 1000 do
    call('PUBLISH', K .. 'ended',
      table.concat(ids, '\\n', from, math.min(from + 999, #ids)))
  end
end
`;
