/**
 * The scripts that publish messages of every kind.
 *
 * @module
 */

import { COLUMNS } from "./lib.ts";
import { CONDITIONS } from "./lib_conditions.ts";
import { GROUPS } from "./lib_groups.ts";
import { ADD_MESSAGES, READ_MESSAGES } from "./lib_messages.ts";
import { OLD_RECORDS } from "./lib_results.ts";
import { Script } from "./script.ts";

function publishScript(
  name: string,
  parts: readonly string[],
  last: string,
): Script {
  return new Script(
    name,
    [
      CONDITIONS,
      OLD_RECORDS,
      ADD_MESSAGES,
      COLUMNS,
      READ_MESSAGES,
      ...parts,
    ],
    `
return once(ARGV[1], ARGV[2], function()
  local groups, total, at = read_messages(3, false)
  local woken = {}
  local refused = publish(groups, total, woken)
  ${last}
  wake_all(woken)
  return table.concat(refused, ',')
end)
`,
  );
}

/**
 * ARGV: slot, operation, groups of messages. Answers with the indexes of
 * those that were refused.
 */
export const PUBLISH = publishScript("publish", [], "");

/** The same; last in ARGV lie plans of groups that begin with the messages. */
export const PUBLISH_WITH_GROUPS = publishScript(
  "publish with groups",
  [GROUPS],
  "for plan = at, #ARGV, 4 do open_group(plan) end",
);
