/**
 * What all scripts share. Every key begins with `KEYS[1]`, the prefix; in a
 * cluster it holds a hash tag, so that a script touches one slot.
 *
 * | key | what it holds |
 * |---|---|
 * | `tasks` | hash: id to entry, of all live messages |
 * | `seq` | the last number of arrival |
 * | `queues` | set: the names of queues |
 * | `queue:<queue>` | sorted set: ids that are ready, and bundles of such, by level and arrival |
 * | `bundle:<number>:<queue>` | list: ids that arrived together |
 * | `bundled` | hash: queue to how many of its ids lie in bundles, not counting one of each |
 * | `schedule:<queue>` | sorted set: number of arrival and id, by eta |
 * | `held:<consumer>` | hash: id to token |
 * | `leases` | sorted set: consumers by the end of their leases |
 * | `consumers` | hash: consumer to what it said of itself |
 * | `losses`, `cancelled` | hashes: what few messages have, by id |
 * | `revoked` | sorted set: unknown ids that were cancelled, until when |
 * | `idle:<queue>` | sorted set: stores that wait for work, to be woken, by when they said so; those who take nothing with limits far below |
 * | `limited:<queue>` | sorted set: ids that are ready and have limits, by level and arrival |
 * | `line:<line>` | sorted set: those of one queue and set of limits |
 * | `lines` | hash: line to the list that it is in, or "" if it is open |
 * | `open:<queue>` | sorted set: lines to be looked at, by their first messages |
 * | `waits:<list>` | sorted set: lines that a limit held back, by their first messages |
 * | `lists:<limit>` | set: the lists of the limits of a kind and key |
 * | `due:<queue>` | sorted set: rates that hold back lines, by when they have room |
 * | `holders:<key>` | set: ids whose leases count towards a concurrency |
 * | `rooms` | hash: id to the keys of concurrencies that its lease counts towards |
 * | `starts:<key>` | the log of a rate |
 * | `keys` | hash: unique key to until when, if that is a time, and id |
 * | `key-ends` | sorted set: unique keys by when they are free |
 * | `key-queues` | sorted set: queues by when the last of these is free |
 * | `owned`, `wanted` | hashes: id to its unique key: of those that live, and of those that wait |
 * | `paused` | set: the names of queues that are paused |
 * | `halted:<queue>` | sorted set: stores that wait until the queue is resumed |
 * | `records:<time>` | hash: id to record, of ids (UUIDv7) that begin with these 8 digits of time; without them of all others |
 * | `result-count` | how many records were ever stored: their order |
 * | `result-states` | hash: how many records are in a state |
 * | `results:<n>` | list: ids of the n-th 512 records; before those of a batch with a stamp, that and the number of its first |
 * | `result-blocks` | sorted set: the n of these lists |
 * | `result-expiry` | sorted set: n by when the first of its records expires |
 * | `groups` | hash: id of a group to how many of its members have not ended |
 * | `group-bodies` | hash: id of a group to id and entry of its body |
 * | `group-expiry` | sorted set: ids of groups by when they expire |
 * | `group-ended:<group>` | bitmap: members that `endMembers` has counted |
 * | `beat-bodies`, `beat-states` | hashes: name of a schedule entry to what it says, and what came of it |
 * | `beat-marks` | hash: name of an entry to its revision and due time |
 * | `beat-names` | sorted set: the names of entries, all of score 0 |
 * | `beat-revision` | how many puts and removals there were |
 * | `beat-leader` | hash: who leads, and when it said so last |
 * | `beat-owed` | hash, in clusters: id of a message to what a firing owes |
 * | `dead`, `dead-order`, `dead-seq` | dead letters by their keys |
 * | `history:<step>` | sorted set: the spans of this length with counts, by their begin |
 * | `history:<step>:<begin>` | hash: series to counts of a span |
 * | `op:<store>:<slot>` | the last operation of a store and its answer |
 *
 * @module
 */

/** Levels are this far apart in the scores of a queue. */
export const LEVEL_STEP = 2 ** 48;
/** What lies before the first number of arrival: times, in ms. */
const BEFORE = 2 ** 46;
/** How many records one list of ids holds. */
export const BLOCK = 512;

/** Waking those who wait. */
export const WAKE = `
-- Wakes one store that waits for work in this queue. The counts of PUBLISH are
-- those of one server: in a cluster it may well have been heard elsewhere.
-- Those who take nothing that has limits come last, and are left alone if
-- there is nothing else.
local function wake(queue, limited)
  local key = K .. 'idle:' .. queue
  while true do
    local found = call('ZPOPMAX', key)
    local store = found[1]
    if not store then return end
    if limited and tonumber(found[2]) < 0 then
      call('ZADD', key, found[2], store)
      return
    end
    if call('PUBLISH', K .. 'wake:' .. store, queue) > 0 then return end
    if string.sub(store, 1, 1) == '*' then return end
  end
end
`;

/**
 * Lets a script through on a server that is full, `maxmemory` being reached:
 * Redis looks at the first write of a script only, and refuses none that takes
 * no memory. For scripts of what is in already: it must come to its end, or
 * nothing would ever be free again.
 */
export const ALSO_WHEN_FULL = `
call('PERSIST', K .. 'leases')
`;

/**
 * Once per operation, as `once` of {@linkcode BASE}, for what has mostly an
 * empty answer: it is noted before the work, by one call. Declares the `slot`
 * and `op` of the operation.
 */
export const NOTED_FIRST = `
local slot, op = K .. 'op:' .. ARGV[1], ARGV[2]
local before = call('SET', slot, op .. ' ', 'PX', 600000, 'GET')
if before then
  -- As a number as it is, where the answer was empty then, too.
  local last = tonumber(before) or tonumber(string.match(before, '^%d+'))
  if last and last >= tonumber(op) then
    call('SET', slot, before, 'PX', 600000)
    return string.match(before, ' (.*)$')
  end
end
`;

/** What every script begins with. */
export const BASE = `
local call, K = redis.call, KEYS[1]
local TASKS = K .. 'tasks'
local LEVEL, BEFORE, BLOCK, CHUNK = ${LEVEL_STEP}, ${BEFORE}, ${BLOCK}, 4000

-- A call with many arguments, in parts that the stack can take.
local function many(cmd, key, list)
  local n = #list
  if n <= CHUNK then
    if n > 0 then return call(cmd, key, unpack(list)) end
    return {}
  end
  local all = {}
  for from = 1, n, CHUNK do
    local part = call(cmd, key, unpack(list, from, math.min(from + CHUNK - 1, n)))
    if type(part) == 'table' then
      for i = 1, #part do all[from - 1 + i] = part[i] end
    end
  end
  return all
end

local function int(n) return string.format('%.0f', n) end

-- Once per operation: a call that is sent again, because its answer was lost,
-- gets the answer of the first.
local function once(slot, op, run)
  local key = K .. 'op:' .. slot
  local seen = call('GET', key)
  if seen then
    local last, answer = string.match(seen, '^(%d+) (.*)$')
    if last and tonumber(last) >= tonumber(op) then return answer end
  end
  local answer = run()
  call('SET', key, op .. ' ' .. answer, 'PX', 600000)
  return answer
end

-- base, index, task, queue, priority, eta, and limits and unique key, if any
local function parse(entry)
  return string.match(entry,
    '^(%d*)\\n(%d+)\\n([^\\n]*)\\n([^\\n]*)\\n([^\\n]*)\\n([^\\n\\t]*)([^\\n]*)\\n')
end

-- The number of arrival. Where the entry has none, the id was made for it and
-- begins with the time: what has waited comes so before all that has a number.
local function arrival(id, base, index)
  if base ~= '' then return (tonumber(base) or 0) + (tonumber(index) or 0) end
  local ms = string.sub(id, 1, 8) .. string.sub(id, 10, 13)
  return (tonumber(ms, 16) or 0) - BEFORE
end

local function level_of(priority)
  local n = tonumber(priority) or 9
  if not (n >= 0) then return 0 end
  if n > 9 then return 9 end
  return math.floor(n)
end

local function member_of(seq, id) return string.format('%016.0f', seq) .. id end

${WAKE}
local function wake_all(queues)
  for queue, why in pairs(queues) do wake(queue, why == 'limited') end
end

local function flags_of(key, ids)
  if call('EXISTS', K .. key) == 0 then return nil end
  return many('HMGET', K .. key, ids)
end
`;

/** How what is packed into ARGV is read. */
export const COLUMNS = `
-- A group of items as they lie in ARGV: first the ids, then as many packed
-- texts, and so many more columns. Where there are several groups, the first
-- of these columns holds the indexes in the order of the whole batch.
local function columns(at, n, count)
  local all = {}
  for c = 1, count do
    if n <= CHUNK then
      all[c] = { unpack(ARGV, at, at + n - 1) }
    else
      local column = {}
      for i = 1, n do column[i] = ARGV[at + i - 1] end
      all[c] = column
    end
    at = at + n
  end
  return all, at
end

-- Leaves out what belongs to deliveries that were stale.
local function sift(group, names, keep, by)
  local kept, old, indexes = {}, {}, group.indexes
  for _, name in ipairs(names) do old[name] = group[name] group[name] = {} end
  for i = 1, #old.ids do
    if keep[by[i]] then
      kept[#kept + 1] = i
      for _, name in ipairs(names) do
        if old[name] then group[name][#kept] = old[name][i] end
      end
    end
  end
  for _, name in ipairs(names) do if not old[name] then group[name] = nil end end
  group.indexes = {}
  for k, i in ipairs(kept) do group.indexes[k] = indexes and indexes[i] or i - 1 end
end
`;
