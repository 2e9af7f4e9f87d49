/**
 * The step of the schema for limits and unique keys.
 *
 * A message that has any carries them as its `terms`. What limits may hold
 * back has a `line`: those of one queue whose limits have the same keys stand
 * in one, and only the first of it matters, which also says how much room
 * there is. So it is in no index that messages without limits are found by,
 * and what it takes to find it grows with what is taken, not with what is held
 * back.
 *
 * A line is open, or waits for a limit (`shut`); a limit that is waited for
 * has a time at which it has room, or is told when it has: whoever ends a
 * lease says so in `limit_event`, and so does whoever puts a message into a
 * line. Only those who reserve read that, one at a time, and only they change
 * lines. So nobody who publishes or settles ever waits for another one on
 * account of a limit, whatever transaction that is in, and no two can take
 * the same room.
 *
 * These are functions, since each of their statements has to see what was
 * committed up to then, under locks that were taken before; and a statement
 * sees what was committed when it began.
 *
 * Rates are measured by the server's clock, unless the store was given one:
 * those of workers differ, and what they had read before they waited for the
 * lock would be past. It is read under the lock, before what counts is added
 * up, and again for what was leased: so a lease counts from a time at which it
 * had been made for sure.
 *
 * @module
 */

import { keysSql } from "./limits/keys.ts";
import { linesSql } from "./limits/lines.ts";
import { messagesSql } from "./limits/messages.ts";
import { roomSql } from "./limits/room.ts";
import { tablesSql } from "./limits/tables.ts";
import { takeSql } from "./limits/take.ts";

/** The statements, for a quoted schema. */
export function termsSchemaSql(s: string): string {
  return [tablesSql, keysSql, messagesSql, roomSql, linesSql, takeSql]
    .map((sql) => sql(s)).join("\n");
}
