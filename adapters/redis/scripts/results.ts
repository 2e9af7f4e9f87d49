/**
 * The scripts of the result backend.
 *
 * @module
 */

import { COLUMNS } from "./lib.ts";
import { NEW_RECORDS, OLD_RECORDS } from "./lib_results.ts";
import { Script } from "./script.ts";

/** How many lists of ids one call looks at. */
const WINDOW = 8;

/** ARGV: slot, operation, groups of records. */
export const STORE = new Script(
  "store",
  [OLD_RECORDS, COLUMNS, NEW_RECORDS],
  `
return once(ARGV[1], ARGV[2], function()
  local ended = {}
  local groups, total = read_records(3)
  store(groups, total, ended)
  tell_ended(ended)
  return ''
end)
`,
);

/** ARGV: ids. */
export const FORGET = new Script(
  "forget",
  [OLD_RECORDS],
  `
drop_records(ARGV, false)
return 1
`,
);

const RECORDS_OF = `
-- What a list holds: ids, and the numbers of stamped batches.
local function read_list(n)
  local ids, numbers = {}, {}
  for _, item in ipairs(call('LRANGE', K .. 'results:' .. n, 0, -1)) do
    local stamp, number = string.match(item, '^\\n(.*)\\n(%d+)$')
    if stamp then numbers[stamp] = number else ids[#ids + 1] = item end
  end
  return ids, numbers
end

-- The records of a list of ids that are still there, the latest last; and the
-- numbers of stamped batches.
local function records_of(n)
  local records, seen, ids, numbers = {}, {}, read_list(n)
  local texts = read_old(ids)
  for i = 1, #ids do
    if texts[i] and not seen[ids[i]] then
      seen[ids[i]] = true
      local _, _, index, batch = parse_record(texts[i])
      -- A stamp that is not here is that of a later record.
      local first = index and tonumber(numbers[batch] or batch)
      if first and math.floor((first + index) / BLOCK) == n then
        records[#records + 1] = { ids[i], texts[i], first + index, batch = batch }
      end
    end
  end
  table.sort(records, function(a, b) return a[3] < b[3] end)
  return records, numbers
end
`;

/**
 * ARGV: position that lies after the page or "", limit, and what must hold, "" for
 * anything: state, task, worker, since, until, a part of the meta, a part of
 * value, error or meta. Answers with the next position
 * or "", and pairs of ids and records.
 */
export const QUERY = new Script(
  "query",
  [OLD_RECORDS],
  `${RECORDS_OF}
local before, limit = tonumber(ARGV[1]) or math.huge, tonumber(ARGV[2])
local since, until_ = tonumber(ARGV[6]), tonumber(ARGV[7])
local from = '+inf'
if ARGV[1] ~= '' then from = int(math.floor(before / BLOCK)) end
local blocks = call('ZRANGE', K .. 'result-blocks', from, '-inf', 'BYSCORE', 'REV',
  'LIMIT', 0, ${WINDOW})
local answer = { '' }
local meta, part = ARGV[8], string.lower(ARGV[9])
local function holds(text)
  local _, last, _, _, _, state, task, worker, at = string.find(text,
    '^([^\\n]*)\\n(%d+)\\n([01])\\n([^\\n]*)\\n([^\\n]*)\\n([^\\n]*)\\n([^\\n]*)\\n[^\\n]*\\n[^\\n]*\\n[^\\n]*\\n')
  if ARGV[3] ~= '' and state ~= ARGV[3] then return false end
  if ARGV[4] ~= '' and task ~= ARGV[4] then return false end
  if ARGV[5] ~= '' and worker ~= ARGV[5] then return false end
  at = tonumber(at)
  if since and not (at and at >= since) then return false end
  if until_ and not (at and at < until_) then return false end
  if meta ~= '' and not string.find(text, meta, last, true) then return false end
  if part ~= '' and not string.find(string.lower(text), part, last, true) then
    return false
  end
  return true
end
for _, name in ipairs(blocks) do
  local n = tonumber(name)
  local records = records_of(n)
  for i = #records, 1, -1 do
    local record = records[i]
    if record[3] < before and holds(record[2]) then
      answer[#answer + 1] = record[1]
      answer[#answer + 1] = record[2]
      if #answer > 2 * limit then
        answer[1] = int(record[3])
        return answer
      end
    end
  end
  answer[1] = int(n * BLOCK)
end
if #blocks < ${WINDOW} then answer[1] = '' end
return answer
`,
);

/** ARGV: now, limit. Answers with how many were dropped. */
export const EXPIRE = new Script(
  "expire",
  [OLD_RECORDS],
  `${RECORDS_OF}
local now, limit, dropped = tonumber(ARGV[1]), tonumber(ARGV[2]), 0
local function expiry_of(text)
  return tonumber(string.match(text,
    '^[^\\n]*\\n%d+\\n[01]\\n[^\\n]*\\n[^\\n]*\\n[^\\n]*\\n[^\\n]*\\n([^\\n]*)\\n'))
end
while dropped < limit do
  local name = call('ZRANGE', K .. 'result-expiry', '-inf', ARGV[1], 'BYSCORE',
    'LIMIT', 0, 1)[1]
  if not name then break end
  local kept, due = {}, {}
  local records, numbers = records_of(tonumber(name))
  for _, record in ipairs(records) do
    record[4] = expiry_of(record[2])
    if record[4] and record[4] <= now then due[#due + 1] = record
    else kept[#kept + 1] = record end
  end
  table.sort(due, function(a, b)
    if a[4] ~= b[4] then return a[4] < b[4] end
    return a[3] < b[3]
  end)
  local gone, states = {}, {}
  for _, record in ipairs(due) do
    if dropped < limit then
      dropped = dropped + 1
      local hash = hash_of(record[1])
      gone[hash] = gone[hash] or {}
      table.insert(gone[hash], record[1])
      local _, state = parse_record(record[2])
      states[state] = (states[state] or 0) - 1
    else
      kept[#kept + 1] = record
    end
  end
  for hash, ids in pairs(gone) do many('HDEL', hash, ids) end
  for state, by in pairs(states) do count_state(state, by) end
  -- The list keeps what is still there, also free of what was replaced.
  local list, first = {}, nil
  for _, record in ipairs(kept) do
    local number = numbers[record.batch]
    if number then
      numbers[record.batch] = nil
      list[#list + 1] = '\\n' .. record.batch .. '\\n' .. number
    end
    list[#list + 1] = record[1]
    if record[4] and (not first or record[4] < first) then first = record[4] end
  end
  call('DEL', K .. 'results:' .. name)
  if #list > 0 then many('RPUSH', K .. 'results:' .. name, list)
  else call('ZREM', K .. 'result-blocks', name) end
  if first then call('ZADD', K .. 'result-expiry', first, name)
  else call('ZREM', K .. 'result-expiry', name) end
end
return dropped
`,
);
