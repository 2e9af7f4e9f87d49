/**
 * The scripts of groups whose messages wait in another store.
 *
 * @module
 */

import { GROUPS } from "./lib_groups.ts";
import { Script } from "./script.ts";

/** ARGV: plans. */
export const OPEN_GROUPS = new Script(
  "open groups",
  [GROUPS],
  `
for at = 1, #ARGV, 4 do open_group(at) end
return 1
`,
);

/**
 * ARGV: groups, as id, 1 if a member failed, count, and the indexes of the
 * members that ended. Answers with the bodies that are due.
 */
export const END_MEMBERS = new Script(
  "end members",
  [GROUPS],
  `
local at, bodies = 1, {}
while at <= #ARGV do
  local id, failed, n = ARGV[at], ARGV[at + 1] == '1', tonumber(ARGV[at + 2])
  local left = left_of(id)
  if left then
    -- A bit per member tells who was counted already.
    local key = K .. 'group-ended:' .. id
    for i = at + 3, at + 2 + n do
      if call('SETBIT', key, ARGV[i], 1) == 0 then left = left - 1 end
    end
    if failed or left < 0 then left = 0 end
    call('HSET', K .. 'groups', id, int(left))
    local body = left == 0 and call('HGET', K .. 'group-bodies', id)
    if body then bodies[#bodies + 1] = body end
  end
  at = at + 3 + n
end
return bodies
`,
);

/** ARGV: now, limit. Answers with how many were dropped. */
export const EXPIRE_GROUPS = new Script(
  "expire groups",
  [GROUPS],
  `
local ids = call('ZRANGE', K .. 'group-expiry', '-inf', ARGV[1], 'BYSCORE',
  'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do drop_group(id) end
return #ids
`,
);
