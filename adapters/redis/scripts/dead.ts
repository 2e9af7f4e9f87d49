/**
 * The scripts of dead letters.
 *
 * @module
 */

import { CONDITIONS } from "./lib_conditions.ts";
import { ADD_MESSAGES } from "./lib_messages.ts";
import { OLD_RECORDS } from "./lib_results.ts";
import { Script } from "./script.ts";

/** How many dead letters one call moves or drops. */
export const DEAD_STEP = 500;

/** ARGV: key that lies after the page or "", limit. Answers with keys and texts. */
export const DEAD_LIST = new Script(
  "list dead letters",
  [],
  `
local from = '+inf'
if ARGV[1] ~= '' then from = '(' .. ARGV[1] end
local keys = call('ZRANGE', K .. 'dead-order', from, '-inf', 'BYSCORE', 'REV',
  'LIMIT', 0, ARGV[2])
return { keys, many('HMGET', K .. 'dead', keys) }
`,
);

/** ARGV: key after which to go on, greatest key. Answers with keys. */
export const DEAD_KEYS = new Script(
  "list keys of dead letters",
  [],
  `
return call('ZRANGE', K .. 'dead-order', '(' .. ARGV[1], ARGV[2], 'BYSCORE',
  'LIMIT', 0, ${DEAD_STEP})
`,
);

/** ARGV: slot, operation, now, keys. Answers with how many went back. */
export const REDRIVE = new Script(
  "redrive",
  [CONDITIONS, OLD_RECORDS, ADD_MESSAGES],
  `
return once(ARGV[1], ARGV[2], function()
  local now, count, woken = tonumber(ARGV[3]), 0, {}
  for i = 4, #ARGV do
    local key = ARGV[i]
    local text = call('HGET', K .. 'dead', key)
    local id, entry = string.match(text or '',
      '^[^\\n]*\\n[^\\n]*\\n[^\\n]*\\n[^\\n]*\\n([^\\n]*)\\n(.*)$')
    local base, _, _, queue, priority, eta, conditions = parse(entry or '')
    if base then
      local rest = string.match(entry, '^%d*\\n%d+\\n(.*)$')
      local due = tonumber(eta)
      local group = { queue = queue, level = level_of(priority), ids = { id },
        packs = { '0\\n' .. rest }, scheduled = due and due > now or false }
      if group.scheduled then group.etas = { eta } end
      if conditions ~= '' then
        group = { queue = ARGV[3], special = true, ids = { id },
          packs = group.packs, etas = { '' } }
      end
      if #publish({ group }, 1, woken) == 0 then
        call('HDEL', K .. 'dead', key)
        call('ZREM', K .. 'dead-order', key)
        count = count + 1
      end
    end
  end
  wake_all(woken)
  return tostring(count)
end)
`,
);

/** ARGV: slot, operation, keys. Answers with how many were dropped. */
export const DEAD_PURGE = new Script(
  "purge dead letters",
  [],
  `
return once(ARGV[1], ARGV[2], function()
  local count = 0
  for i = 3, #ARGV do
    count = count + call('HDEL', K .. 'dead', ARGV[i])
    call('ZREM', K .. 'dead-order', ARGV[i])
  end
  return tostring(count)
end)
`,
);
