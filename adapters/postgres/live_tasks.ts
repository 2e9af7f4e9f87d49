/**
 * Pages of live tasks. One index serves each status; where the order of the
 * page is not that of the index, the page is merged from the groups in which
 * it is (a queue, a priority), each of which gives no more than a page.
 *
 * @module
 */

import type {
  LiveFilter,
  LiveTask,
  Page,
  PageRequest,
} from "../../src/contracts/mod.ts";
import type { Client, Param, Row } from "./client.ts";
import { termsOut } from "./terms.ts";
import { nullableTextOut, textIn, textOut } from "./text.ts";

/** The columns that {@linkcode toLive} reads, in its order. */
export const LIVE_COLUMNS = `id, task, queue, priority, eta::float8, body,
  due is not null, consumer, losses, cancelled > 0, seq::text, due::text, terms`;

/** The live task in a row of {@linkcode LIVE_COLUMNS}. */
export function toLive(row: Row): LiveTask {
  const consumer = nullableTextOut(row[7]);
  return {
    id: textOut(row[0]),
    task: textOut(row[1]),
    queue: textOut(row[2]),
    priority: row[3] as number,
    eta: row[4] as number | null,
    body: textOut(row[5]),
    status: consumer !== null
      ? "running"
      : row[6] === true
      ? "scheduled"
      : "queued",
    consumer,
    losses: row[8] as number,
    cancelled: row[9] as boolean,
    ...termsOut(row[12]),
  };
}

/** Lists live tasks. */
export async function listLive(
  client: Client,
  s: string,
  { status, queue }: LiveFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<LiveTask>> {
  const [seq, due] = cursorIn(cursor);
  const wanted = queue === undefined ? null : textIn(queue);
  const params: Param[] = status === "scheduled"
    ? [wanted, seq, limit, due]
    : [wanted, seq, limit];
  const rows = await client.run(LISTS[status](s), params);
  const last = rows.length >= limit ? rows.at(-1) : undefined;
  return {
    items: rows.map(toLive),
    cursor: last === undefined ? null : `${last[10]}:${last[11] ?? ""}`,
  };
}

const START = "-9223372036854775808";

/** The place and the time of a cursor, whatever was handed in. */
function cursorIn(cursor: string | undefined): readonly [string, string] {
  const parts = /^(-?\d{1,19}):(-?\d{0,19})$/.exec(cursor ?? "");
  return [parts?.[1] ?? START, parts?.[2] || START];
}

/** `$1` is a queue or `null`, `$2` the last place, `$3` the limit. */
const LISTS = {
  queued: (s: string): string => {
    const waiting = `from ${s}.task where consumer is null and due is null`;
    const ready = `${waiting} and line is null`;
    const limited = `${waiting} and line is not null`;
    return `with recursive line as (
        (select queue, priority ${ready}
          and ($1::text is null or queue = $1::text)
          order by queue, priority limit 1)
        union all
        select next.queue, next.priority from line cross join lateral (
          select queue, priority ${ready}
            and (task.queue, task.priority) > (line.queue, line.priority)
          order by queue, priority limit 1
        ) as next
        where $1::text is null or next.queue = $1::text
      ), held as (
        (select queue ${limited}
          and ($1::text is null or queue = $1::text)
          order by queue limit 1)
        union all
        select next.queue from held cross join lateral (
          select queue ${limited} and task.queue > held.queue
          order by queue limit 1
        ) as next
        where $1::text is null
      )
      select * from (
        select found.* from line cross join lateral (
          select ${LIVE_COLUMNS} ${ready} and task.queue = line.queue
            and task.priority = line.priority and seq > $2::bigint
          order by task.seq limit $3::int
        ) as found
        union all
        select found.* from held cross join lateral (
          select ${LIVE_COLUMNS} ${limited} and task.queue = held.queue
            and seq > $2::bigint
          order by task.seq limit $3::int
        ) as found
      ) as found
      order by found.seq::bigint limit $3::int`;
  },
  // $4 is the time of the last one.
  scheduled: (s: string): string => {
    const waiting = `from ${s}.task where consumer is null and due is not null`;
    return `with recursive line as (
        (select queue ${waiting}
          and ($1::text is null or queue = $1::text)
          order by queue limit 1)
        union all
        select next.queue from line cross join lateral (
          select queue ${waiting} and task.queue > line.queue
          order by queue limit 1
        ) as next
        where $1::text is null
      )
      select found.* from line cross join lateral (
        select ${LIVE_COLUMNS} ${waiting} and task.queue = line.queue
          and (task.due, task.seq) > ($4::bigint, $2::bigint)
        order by task.due, task.seq limit $3::int
      ) as found
      order by found.due::bigint, found.seq::bigint limit $3::int`;
  },
  // As many as are in flight.
  running: (s: string): string =>
    `select ${LIVE_COLUMNS} from ${s}.task
      where consumer is not null and seq > $2::bigint
        and ($1::text is null or queue = $1::text)
      order by task.seq limit $3::int`,
} as const;
