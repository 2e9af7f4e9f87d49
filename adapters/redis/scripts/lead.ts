/**
 * The scripts of who leads. All answer with the id and the name of the leader
 * or "", when its lease ends or 0, the time, and the revision.
 *
 * @module
 */

import { ENTRIES, LEADING } from "./lib_entries.ts";
import { Script } from "./script.ts";

const ANSWER = `
local function answer(now)
  local id, name, ends = leader_at(now)
  return { id or '', name or '', int(ends or 0), int(now), call('GET', REVISION) or '0' }
end
`;

/** ARGV: now or "", id, name, lease. */
export const LEAD = new Script(
  "lead",
  [ENTRIES, LEADING],
  `${ANSWER}
local now = time_of(ARGV[1])
local id = leader_at(now)
if not id or id == ARGV[2] then
  call('HSET', LEADER, 'id', ARGV[2], 'name', ARGV[3], 'lease', ARGV[4], 'renewed', int(now))
end
return answer(now)
`,
);

/** ARGV: now or "". */
export const LEADER = new Script(
  "leader",
  [ENTRIES, LEADING],
  `${ANSWER}
return answer(time_of(ARGV[1]))
`,
);

/** ARGV: id. */
export const RESIGN = new Script(
  "resign",
  [LEADING],
  `
if call('HGET', LEADER, 'id') == ARGV[1] then call('DEL', LEADER) end
return 1
`,
);
