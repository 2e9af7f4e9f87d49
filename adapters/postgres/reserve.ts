/**
 * How messages are leased: one statement for a batch.
 *
 * @module
 */

import type { Delivery } from "../../src/contracts/mod.ts";
import type { Row } from "./client.ts";
import type { Taken } from "./floors.ts";
import { LIMITS_MARK } from "./limits_mark.ts";
import { termsOut } from "./terms.ts";
import { quoteText, textOut } from "./text.ts";

/** The most messages that one call makes ready. */
const PROMOTE_LIMIT = 1_000;
/** How long a consumer that never sent a heartbeat may be silent, in ms. */
const UNREGISTERED_LEASE = 60_000;

/** The texts of the statements. */
export interface ReserveSql {
  /** Leases from one queue. */
  readonly fromOne: string;
  /** Leases from several queues, which share fairly. */
  readonly fromSeveral: string;
  /** Both, beginning at the floors; see `floors.ts`. */
  readonly fromOneFloor: string;
  readonly fromSeveralFloors: string;
  /** Makes ready what is due. */
  readonly promote: string;
}

/**
 * The statements. `$1` are the queues in turn, `$2` the limit, `$3` the time,
 * `$4` the consumer, `$5` the token, `$6` the time at which nothing may be
 * due; with floors, `$7` to `$9` are the queues, priorities and floors of the
 * lines, and `$10` are the floors of what is due, one per queue.
 *
 * What is due must be made ready first, so that it takes its place among the
 * others; that is so rare that a statement of its own does it, and this one
 * only finds out, and says when nothing could be taken because of it.
 *
 * Rows are found and locked in one step, which is what lets many workers
 * reserve at once, and then updated where they lie (by `ctid`): a third
 * faster than by a key, which would take one more index. What they were found
 * by is asked again, in words that no index knows: with `consumer is null and
 * due is null` a planner that takes the table for empty reads the whole index
 * instead (39 ms for 1,000 of 20,000 rows instead of 5).
 *
 * Paused queues are taken from `$1` before anything else happens, so that
 * what waits in them is neither read nor waited for; the answer names them,
 * and says whether limits are in use. What these may hold back is left to a
 * statement of its own: see `schema_terms.ts`. The token of a message with
 * terms is the next one, which is odd: so it shows at the end of a lease that
 * there is something to give back.
 *
 * The commit does not wait for the disk: after a crash of the server leases
 * are void, and the token of one that was forgotten is stale.
 */
export function reserveSql(s: string): ReserveSql {
  const ready =
    `queue = $queue and consumer is null and due is null and line is null`;
  const serve = (asked: string, columns: string) =>
    `closed as materialized (
    select queue as name from ${s}.paused where queue = any ($1::text[] || ${
      quoteText(LIMITS_MARK)
    }::text)
  ), served as materialized (
    select * from unnest(${asked}) with ordinality as q (${columns}, turn)
    where name not in (select name from closed)
  )`;
  const next = (from: string) =>
    `soon as materialized (
    select min(first.due) as due
    from served as q cross join lateral (
      select due from ${s}.task
      where queue = q.name and consumer is null and due is not null ${from}
      order by due limit 1
    ) as first
  )`;
  // The rows of the lines of a queue one after the other, as far as needed.
  const line = (queue: string, what: string, lock: string) =>
    `unnest($7::text[], $8::int[], $9::bigint[])
        as line (queue, priority, floor)
      cross join lateral (
        select ${what} from ${s}.task
        where task.queue = line.queue and task.priority = line.priority
          and task.seq > line.floor and consumer is null and due is null
          and task.line is null
        order by task.seq limit $2::int ${lock}
      ) as one
      where line.queue = ${queue}`;
  const LOCK = "for update skip locked";
  const nothingDue = "(select coalesce(due > $6::bigint, true) from soon)";
  const lease = `leased as (
    update ${s}.task set consumer = $4::text,
      token = $5::bigint + (terms is not null)::int,
      cancelled = case
        when cancelled = 0 and (select exists (select 1 from ${s}.revoked))
          and (select 1 from ${s}.revoked
            where revoked.id = task.id and until > $3::bigint) is not null
        then 1 else cancelled end
    where ctid = any (array (select ctid from picked))
      and num_nulls(consumer, due, line) = 3
    returning id, task, queue, priority, eta::float8, body, losses,
      cancelled > 0, seq::float8, terms
  ), met as (
    insert into ${s}.consumer (id, name, lease, details, seen_at, registered)
    select $4::text, $4::text, ${UNREGISTERED_LEASE}, '{}', $3::bigint, false
    where exists (select 1 from picked)
    on conflict (id) do nothing
  ), quick as materialized (
    select set_config('synchronous_commit', 'off', true)
  )
  select leased.* from leased cross join quick
  union all
  select null, null, null, null, due::float8, null, null, null, null, null
  from soon where not exists (select 1 from leased)
  union all
  select null, null, name, null, null, null, null, null, null, null
  from closed`;
  const share = `share as materialized (
      select name, count(*) as part from (
        select name from rank order by rank, turn limit $2::int
      ) as chosen group by name
    )`;
  const rank = (waiting: string, order = "") =>
    `rank as materialized (
      select q.name, q.turn, line.rank
      from served as q cross join lateral (
        select row_number() over () as rank from (
          ${waiting} and ${nothingDue} ${order} limit $2::int
        ) as one
      ) as line
    )`;
  const ONE = "(select name from served)";
  const fromHead = `${serve("$1::text[]", "name")}, ${next("")}`;
  const fromFloor = `${serve("$1::text[], $10::bigint[]", "name, due")}, ${
    next("and due > q.due")
  }`;
  return {
    fromOne: `with ${fromHead}, picked as materialized (
      select ctid from ${s}.task
      where ${ready.replace("$queue", ONE)} and ${nothingDue}
      order by priority, seq limit $2::int ${LOCK}
    ), ${lease}`,
    fromOneFloor: `with ${fromFloor}, picked as materialized (
      select place as ctid
      from ${line(ONE, "ctid as place", LOCK)}
        and ${nothingDue}
      limit $2::int
    ), ${lease}`,
    fromSeveral: `with ${fromHead}, ${
      rank(
        `select 1 from ${s}.task where ${ready.replace("$queue", "q.name")}`,
        "order by priority, seq",
      )
    }, ${share}, picked as materialized (
      select one.ctid from share cross join lateral (
        select ctid from ${s}.task
        where ${ready.replace("$queue", "share.name")}
        order by priority, seq limit share.part ${LOCK}
      ) as one
    ), ${lease}`,
    fromSeveralFloors: `with ${fromFloor}, ${
      rank(`select 1 from ${line("q.name", "1 as found", "")}`)
    }, ${share}, picked as materialized (
      select chosen.place as ctid from share cross join lateral (
        select place from ${line("share.name", "ctid as place", LOCK)}
        limit share.part
      ) as chosen
    ), ${lease}`,
    promote: `with ripe as materialized (
      select one.ctid
      from unnest($1::text[]) with ordinality as q (name, turn)
      cross join lateral (
        select ctid, due, seq from ${s}.task
        where queue = q.name and consumer is null
          and due is not null and due <= $2::bigint
        order by due, seq limit ${PROMOTE_LIMIT}
        for update skip locked
      ) as one
      order by q.turn, one.due, one.seq
    ), arrived as materialized (
      select ctid as place, nextval(${
      quoteText(`${s}.task_seq`)
    }) as seq from ripe
    )
    , moved as (
      update ${s}.task set due = null, seq = arrived.seq from arrived
      where task.ctid = arrived.place and num_nulls(consumer, due) = 1
      returning id, line
    ), said as (
      insert into ${s}.limit_event (line, id)
      select line, id from moved where line is not null returning 1
    )
    insert into ${s}.paused (queue) select ${quoteText(LIMITS_MARK)}
    from said limit 1 on conflict do nothing`,
  };
}

/** What a reservation met. */
export interface Reservation {
  /** What was leased, in order. */
  readonly deliveries: Delivery[];
  /** The same with their places in the order of arrival. */
  readonly taken: readonly Taken[];
  /** When nothing was: the time at which the next message comes due. */
  readonly nextDue: number | null;
  /** The queues that were left out. */
  readonly paused: readonly string[];
  /** Whether limits are in use. */
  readonly limits: boolean;
}

/** Reads the answer of a statement that leases. */
export function readReservation(
  rows: readonly Row[],
  token: number,
): Reservation {
  const closed = rows.filter(isPaused).map((row) => row[2]);
  const limits = closed.includes(LIMITS_MARK);
  const paused = closed.filter((name) => name !== LIMITS_MARK).map(textOut);
  const found = rows.slice(0, rows.length - closed.length);
  const [first] = found;
  if (first === undefined || first[0] === null) {
    const nextDue = (first?.[4] ?? null) as number | null;
    return { deliveries: [], taken: [], nextDue, paused, limits };
  }
  const ordered = found.toSorted((a, b) =>
    (a[3] as number) - (b[3] as number) || (a[8] as number) - (b[8] as number)
  );
  const deliveries = ordered.map((row) => toDelivery(row, token));
  const taken = deliveries.map(({ queue, priority }, at): Taken => (
    { queue, priority, seq: ordered[at]?.[8] as number }
  ));
  return { deliveries, taken, nextDue: null, paused, limits };
}

/** The delivery in a row of a statement that leases. */
export function toDelivery(row: Row, token: number): Delivery {
  const terms = row[9];
  const delivery = {
    id: textOut(row[0]),
    task: textOut(row[1]),
    queue: textOut(row[2]),
    priority: row[3] as number,
    eta: row[4] as number | null,
    body: textOut(row[5]),
    token,
    losses: row[6] as number,
    cancelled: row[7] as boolean,
  };
  if (terms === null) return delivery;
  return { ...delivery, ...termsOut(terms), token: token + 1 };
}

/** Whether a row, one of the last, names a queue that was left out. */
function isPaused(row: Row): boolean {
  return row[0] === null && row[2] !== null;
}

/**
 * Whose turn it was last, as if queues had been served in rounds, each with
 * an equal part of what was missing.
 */
export function lastInTurn(
  turn: readonly string[],
  deliveries: readonly Delivery[],
  limit: number,
): string | undefined {
  const left = new Map<string, number>();
  for (const { queue } of deliveries) {
    left.set(queue, (left.get(queue) ?? 0) + 1);
  }
  let last: string | undefined;
  let missing = limit;
  let active = turn;
  while (missing > 0 && active.length > 0) {
    const share = Math.max(1, Math.floor(missing / active.length));
    active = active.filter((queue) => {
      const there = left.get(queue) ?? 0;
      const part = Math.min(share, missing, there);
      if (part > 0) last = queue;
      left.set(queue, there - part);
      missing -= part;
      return part === share;
    });
  }
  return last;
}
