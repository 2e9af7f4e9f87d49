/**
 * How much of each limit is taken. To be called inside transactions.
 *
 * @module
 */

import type { Limit, LimitState } from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { allTuples, firstTuple, textOut } from "./rows.ts";
import { nameOf } from "./terms.ts";

/** How many holders are told. */
const TOLD = 100;

const HOLD =
  "insert or ignore into lovage_limit_holder (name, id) values (?, ?)";
const LET_GO = "delete from lovage_limit_holder where name = ? and id = ?";
const COUNT = `select count(*) from
  (select 1 from lovage_limit_holder where name = ? limit ?)`;
const HOLDERS =
  `select id from lovage_limit_holder where name = ? limit ${TOLD}`;
const STARTS = `select ended, taken from lovage_limit_start
  where name = ? and ended > ? order by began desc`;
const GROW = `update lovage_limit_start
  set taken = taken + ?3, ended = max(ended, ?4), until = max(until, ?5)
  where name = ?1 and began > ?2 and began =
    (select max(began) from lovage_limit_start where name = ?1)`;
const FORGET = "delete from lovage_limit_start where name = ? and until <= ?";
const START = `insert into lovage_limit_start (name, began, ended, taken, until)
  values (?, ?, ?, ?, ?)`;
const ANY_OLD = "select 1 from lovage_limit_start where until <= ? limit 1";
const DROP_OLD = `delete from lovage_limit_start where rowid in
  (select rowid from lovage_limit_start where until <= ? limit ?)`;

/** How much room there is. */
export interface Room {
  readonly room: number;
  /** When there is some, if there is none and that is known. */
  readonly opensAt: number | null;
}

/** How much room a limit has. */
export function roomOf(client: Client, limit: Limit, now: number): Room {
  const { most } = limit;
  if (limit.kind === "concurrency") {
    const count = client.tuples(COUNT);
    const taken = firstTuple(count, nameOf(limit), most)?.[0] as number;
    return { room: most - taken, opensAt: null };
  }
  const { per } = limit;
  let taken = 0;
  let opensAt: number | null = null;
  const starts = client.tuples(STARTS);
  for (const row of allTuples(starts, nameOf(limit), now - per)) {
    taken += row[1] as number;
    if (taken >= most) opensAt ??= (row[0] as number) + per;
  }
  return { room: most - taken, opensAt };
}

/** A lease takes of a limit. */
export function takeOf(
  client: Client,
  limit: Limit,
  ids: readonly string[],
  now: number,
): void {
  const name = nameOf(limit);
  if (limit.kind === "concurrency") {
    const hold = client.statement(HOLD);
    for (const id of ids) hold.run(name, id);
    return;
  }
  const { per } = limit;
  // Counted as if all of a bucket were taken at its end.
  const since = now - Math.max(1, per / 100);
  const { changes } = client.statement(GROW)
    .run(name, since, ids.length, now, now + per);
  if (changes > 0) return;
  client.statement(FORGET).run(name, now);
  client.statement(START).run(name, now, now, ids.length, now + per);
}

/**
 * A lease ends.
 *
 * @returns whether there is more room now
 */
export function giveBack(client: Client, limit: Limit, id: string): boolean {
  return limit.kind === "concurrency" &&
    client.statement(LET_GO).run(nameOf(limit), id).changes === 1;
}

/** How a limit stands. */
export function stateOf(client: Client, limit: Limit, now: number): LimitState {
  const { room, opensAt } = roomOf(client, limit, now);
  const holders = limit.kind === "concurrency"
    ? allTuples(client.tuples(HOLDERS), nameOf(limit))
      .map(([id]) => textOut(id))
    : [];
  const taken = limit.kind === "concurrency"
    ? firstTuple(client.tuples(COUNT), nameOf(limit), -1)?.[0] as number
    : limit.most - room;
  return { holders, taken, opensAt: room > 0 ? now : opensAt };
}

/** Whether starts are kept that do not count any more. */
export function hasOldStarts(client: Client, now: number): boolean {
  return firstTuple(client.tuples(ANY_OLD), now) !== undefined;
}

/** Drops such starts. */
export function dropOldStarts(
  client: Client,
  now: number,
  limit: number,
): void {
  client.statement(DROP_OLD).run(now, limit);
}
