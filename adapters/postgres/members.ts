/**
 * Groups whose messages wait in another store: their members are marked one
 * by one, so that each counts once however often it is told.
 *
 * @module
 */

import type { GroupEnd, GroupPlan, Message } from "../../src/contracts/mod.ts";
import type { Client, Row } from "./client.ts";
import { openSql, planParams } from "./groups.ts";
import { termsOut } from "./terms.ts";
import { matches, textList, textOut, textsIn } from "./text.ts";

/** How many groups, and how many marks, one statement drops. */
const DROP_STEP = 5_000;
/** The mark of a group of which a member has failed. */
const FAILED = -1;

/** Counts members, and drops groups that have expired. */
export class Members {
  readonly #client: Client;
  readonly #open: string;
  readonly #end: string;
  readonly #drop: string;

  constructor(client: Client, s: string) {
    this.#client = client;
    this.#open = openSql(s, 1);
    this.#end = endSql(s);
    this.#drop = dropSql(s);
  }

  /** Begins groups that are not known. */
  async open(plans: readonly GroupPlan[]): Promise<void> {
    if (plans.length === 0) return;
    await this.#client.run(this.#open, planParams(plans));
  }

  /** Marks members; returns the bodies of those groups that are over. */
  async end(ends: readonly GroupEnd[]): Promise<readonly Message[]> {
    if (ends.length === 0) return [];
    const marks = new Map<string, number[]>();
    for (const { group, index, failed } of ends) {
      let places = marks.get(group);
      if (places === undefined) marks.set(group, places = []);
      places.push(index);
      if (failed) places.push(FAILED);
    }
    const rows = await this.#client.run(this.#end, [
      textList([...marks.keys()]),
      textList([...marks.values()].map((places) => `{${places.join(",")}}`)),
    ]);
    return rows.map(toMessage);
  }

  /** Drops up to so many groups that have expired; returns how many. */
  async expire(limit: number, now: number): Promise<number> {
    let total = 0;
    while (total < limit) {
      const step = Math.min(DROP_STEP, limit - total);
      const [row] = await this.#client.run(this.#drop, [now, step]);
      const [groups, marks] = [Number(row?.[0] ?? 0), Number(row?.[1] ?? 0)];
      total += groups;
      if (groups < step && marks < DROP_STEP) break;
    }
    return total;
  }
}

/**
 * `$1` are the groups, each once, `$2` the marks of each. A group that is over
 * takes no more of them: they would change nothing.
 *
 * The groups are locked first, in one order; what is marked is asked of the
 * index, which knows more than the snapshot of the statement.
 */
function endSql(s: string): string {
  const body = "message, task, queue, priority, eta, body, terms, remaining";
  return `with told as materialized (
      select * from unnest(${textsIn("$1")}, ${textsIn("$2")})
        as told (id, marks)
    ), locked as materialized (
      select task_group.id as group_id, marks, ${body}
      from told join ${s}.task_group on ${matches("task_group.id", "told.id")}
      order by told.id collate "C" for update of task_group
    ), marked as (
      insert into ${s}.task_group_member (group_id, place)
      select group_id, place from locked
        cross join lateral unnest(marks::int[]) as place
      where remaining > 0
      on conflict (group_id, place) do nothing
      returning group_id, place
    ), tally as materialized (
      select group_id, count(*)::int as ended,
        bool_or(place = ${FAILED}) as failed
      from marked group by group_id
    ), lowered as (
      update ${s}.task_group
      set remaining = case when failed then 0 else remaining - ended end
      from tally where ${matches("task_group.id", "tally.group_id")}
      returning ${body}
    )
    select message, task, queue, priority, eta::float8, body, terms from (
      select ${body} from lowered union all select ${body} from locked
    ) as one where remaining <= 0`;
}

/**
 * `$1` is the time, `$2` the most groups. Marks go first, in steps: a group
 * goes when all of its marks do. A group that is counted at this moment is no
 * longer where it was found, and stays for the next time.
 */
function dropSql(s: string): string {
  return `with doomed as materialized (
      select ctid, id from ${s}.task_group
      where expires_at is not null and expires_at <= $1::bigint
      order by expires_at limit $2::int for update skip locked
    ), marks as materialized (
      select member.ctid from doomed join ${s}.task_group_member as member
        on ${matches("member.group_id", "doomed.id")}
      limit ${DROP_STEP}
    ), cleared as (
      delete from ${s}.task_group_member
      where ctid = any (array (select ctid from marks))
      returning 1
    ), dropped as (
      delete from ${s}.task_group
      where ctid = any (array (select ctid from doomed
        where (select count(*) from marks) < ${DROP_STEP}))
      returning 1
    )
    select (select count(*) from dropped)::int,
      (select count(*) from cleared)::int`;
}

function toMessage(row: Row): Message {
  return {
    id: textOut(row[0]),
    task: textOut(row[1]),
    queue: textOut(row[2]),
    priority: row[3] as number,
    eta: row[4] as number | null,
    body: textOut(row[5]),
    ...termsOut(row[6]),
  };
}
