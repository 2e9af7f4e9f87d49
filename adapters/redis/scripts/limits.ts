/**
 * The scripts that tell how limits and unique keys stand.
 *
 * @module
 */

import { UNIQUE_KEYS } from "./lib_keys.ts";
import { LINES } from "./lib_lines.ts";
import { RATES } from "./lib_rates.ts";
import { Script } from "./script.ts";

/** How many holders are told. */
const TOLD = 100;

/**
 * ARGV: now, the time of rates or "" for the server's, texts of limits.
 * Answers with how many leases count, when there is room by the clock of who
 * asks or "" if that is not known, and holders, of each.
 */
export const LIMITS = new Script(
  "limits",
  [LINES, RATES],
  `
local now, at = tonumber(ARGV[1]), time_of_rates(ARGV[2])
local R, answer = rates(at), {}
for i = 3, #ARGV do
  local limit = lines().limits_of('\\t' .. ARGV[i])[1]
  if limit.kind == 'r' then
    local taken, opens = R.state(limit)
    answer[#answer + 1] = { taken, int(opens - at + now), {} }
  else
    local key = K .. 'holders:' .. limit.key
    local taken = call('SCARD', key)
    answer[#answer + 1] = { taken, taken < limit.most and ARGV[1] or '',
      call('SRANDMEMBER', key, ${TOLD}) }
  end
end
return answer
`,
);

/** ARGV: now, keys. Answers with the id that has each, or "". */
export const HOLDERS = new Script(
  "holders",
  [UNIQUE_KEYS],
  `
local answer = {}
for i = 2, #ARGV do answer[i - 1] = keys().holder(ARGV[i], ARGV[1]) or '' end
return answer
`,
);
