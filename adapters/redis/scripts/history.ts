/**
 * The scripts of what was counted.
 *
 * @module
 */

import { Script } from "./script.ts";

/**
 * ARGV: slot, operation, how many counts, of each step, begin, series and
 * counts; then pairs of a step and before when its spans are dropped.
 */
export const ADD_HISTORY = new Script(
  "add to the history",
  [],
  `
return once(ARGV[1], ARGV[2], function()
  local at = 4
  for _ = 1, tonumber(ARGV[3]) do
    local step, begin, series, more = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
    at = at + 4
    local key = K .. 'history:' .. step .. ':' .. begin
    local was = call('HGET', key, series)
    if was then
      local sums, n = {}, 0
      for count in string.gmatch(was, '[^,]+') do
        n = n + 1
        sums[n] = tonumber(count) or 0
      end
      local place = 0
      for count in string.gmatch(more, '[^,]+') do
        place = place + 1
        sums[place] = (sums[place] or 0) + (tonumber(count) or 0)
      end
      for i, sum in ipairs(sums) do sums[i] = int(sum) end
      more = table.concat(sums, ',')
    end
    call('HSET', key, series, more)
    call('ZADD', K .. 'history:' .. step, begin, begin)
  end
  while at < #ARGV do
    local spans = K .. 'history:' .. ARGV[at]
    for _, begin in ipairs(call('ZRANGE', spans, '-inf', '(' .. ARGV[at + 1],
        'BYSCORE', 'LIMIT', 0, 1000)) do
      call('DEL', spans .. ':' .. begin)
      call('ZREM', spans, begin)
    end
    at = at + 2
  end
  return ''
end)
`,
);

/** ARGV: step, from, to. Answers with the begin, and series and counts of each span. */
export const READ_HISTORY = new Script(
  "read the history",
  [],
  `
local spans, answer = K .. 'history:' .. ARGV[1], {}
for _, begin in ipairs(call('ZRANGE', spans, ARGV[2], '(' .. ARGV[3], 'BYSCORE')) do
  answer[#answer + 1] = { begin, call('HGETALL', spans .. ':' .. begin) }
end
return answer
`,
);
