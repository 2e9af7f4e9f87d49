/**
 * Lines: what is ready and has limits, one for each queue and set of keys. To
 * be called inside transactions.
 *
 * A line is open, then a reservation looks at its first message, which says
 * how much room there is, or it waits for a limit that has none, and nobody
 * looks at it. As long as a limit that lines wait for has room, some of them
 * are open in each queue that has any; others follow when these are done or
 * wait for something else. So the work is that of what is leased, and grows
 * neither with what is held back nor with the number of keys.
 *
 * @module
 */

import type { Limit } from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { roomOf } from "./meters.ts";
import { allTuples, firstTuple, textOut } from "./rows.ts";
import { nameOf, queueOf, termsOut } from "./terms.ts";

/** How many lines of a queue are opened at a time for a limit. */
const OPENED = 100;

const HEAD = `select queue, priority, seq, terms from lovage_task
  indexed by lovage_task_ready
  where consumer is null and due is null and queue = ?
  order by priority, seq limit 1`;
const FIND = "select limits, shut from lovage_line where line = ?";
const PUT = `insert into lovage_line (line, queue, priority, seq, limits, shut)
  values (?, ?, ?, ?, ?, ?) on conflict (line) do update set
  priority = excluded.priority, seq = excluded.seq, limits = excluded.limits,
  shut = excluded.shut`;
const DROP = "delete from lovage_line where line = ?";
const OPEN = `select line, priority from lovage_line
  where shut is null and queue = ? order by priority, seq limit 1`;
const OF_QUEUE = "select line from lovage_line where queue = ?";
const SHUT = "update lovage_line set shut = ? where line = ?";
const WAIT = `insert into lovage_limit (shut, name, opens_at)
  values (?, ?, ?) on conflict (shut) do update set opens_at = excluded.opens_at`;
const WAITS = "select shut, opens_at from lovage_limit where name = ?";
const SET_TIME = "update lovage_limit set opens_at = ? where shut = ?";
const FORGET = "delete from lovage_limit where shut = ?";
const NEXT_QUEUE = `select queue from lovage_line
  where shut is not null and shut = ? and queue > ? order by queue limit 1`;
const UNSHUT = `update lovage_line set shut = null where line in
  (select line from lovage_line
    where shut is not null and shut = ? and queue = ?
    order by priority, seq limit ?)`;
const ANY_SHUT = `select 1 from lovage_line
  where shut is not null and shut = ? limit 1`;
const TIMED = `select name from lovage_limit
  where opens_at is not null and opens_at <= ? order by opens_at
  limit ${OPENED}`;
const NEXT_TIME = `select min(opens_at) from lovage_limit
  where opens_at is not null`;

/** The first message of a line. */
export interface Head {
  readonly line: string;
  readonly queue: string;
  readonly priority: number;
  readonly seq: number;
  readonly limits: readonly Limit[];
}

/** The open line of a queue that comes first. */
export function openLine(client: Client, queue: string): string | undefined {
  const row = firstTuple(client.tuples(OPEN), queue);
  return row === undefined ? undefined : textOut(row[0]);
}

/** The lines of a queue. */
export function linesOf(client: Client, queue: string): string[] {
  return allTuples(client.tuples(OF_QUEUE), queue).map(([line]) =>
    textOut(line)
  );
}

/** When a limit that lines wait for has room by time. */
export function nextOpening(client: Client): number | null {
  return firstTuple(client.tuples(NEXT_TIME))?.[0] as number | null;
}

/** The first message of a line, if there is one. */
export function headOf(client: Client, line: string): Head | undefined {
  const row = firstTuple(client.tuples(HEAD), line);
  if (row === undefined) return undefined;
  const { limits = [] } = termsOut(row[3]);
  return {
    line,
    queue: queueOf(row[0], line),
    priority: row[1] as number,
    seq: row[2] as number,
    limits,
  };
}

/** Another message may be the first of a line: one came, or one is gone. */
export function revise(client: Client, line: string, now: number): void {
  const head = headOf(client, line);
  const known = firstTuple(client.tuples(FIND), line);
  if (head === undefined) {
    if (known === undefined) return;
    client.statement(DROP).run(line);
    wakeAll(client, limitsIn(known[0]), now);
    return;
  }
  const limits = JSON.stringify(head.limits);
  const shut = known?.[0] === limits ? known[1] as string | null : null;
  put(client, head, shut);
}

/**
 * What was the first message of a line is gone, or has no room: the line goes
 * on, waits, or ends, and others of its limits may have their turn.
 */
export function turn(client: Client, line: string, now: number): void {
  const known = limitsIn(firstTuple(client.tuples(FIND), line)?.[0]);
  const head = headOf(client, line);
  if (head === undefined) client.statement(DROP).run(line);
  else {
    put(client, head, null);
    const stop = head.limits.find((limit) =>
      roomOf(client, limit, now).room <= 0
    );
    if (stop !== undefined) shut(client, line, stop, now);
  }
  wakeAll(client, [...known, ...head?.limits ?? []], now);
}

/** Opens lines that wait for one of these limits, if that has room. */
export function wakeAll(
  client: Client,
  limits: readonly Limit[],
  now: number,
): void {
  for (const name of new Set(limits.map(nameOf))) wake(client, name, now);
}

/** The same for limits whose time has come. */
export function wakeDue(client: Client, now: number): void {
  for (const [name] of allTuples(client.tuples(TIMED), now)) {
    wake(client, textOut(name), now);
  }
}

function put(client: Client, head: Head, shut: string | null): void {
  const { line, queue, priority, seq, limits } = head;
  client.statement(PUT)
    .run(line, queue, priority, seq, JSON.stringify(limits), shut);
}

function shut(client: Client, line: string, limit: Limit, now: number): void {
  const name = JSON.stringify(limit);
  client.statement(SHUT).run(name, line);
  const { opensAt } = roomOf(client, limit, now);
  client.statement(WAIT).run(name, nameOf(limit), opensAt);
}

/** As many lines in each queue as there is room. */
function wake(client: Client, name: string, now: number): void {
  for (const [row, time] of allTuples(client.tuples(WAITS), name)) {
    const shut = textOut(row);
    if (!isWaitedFor(client, shut)) {
      client.statement(FORGET).run(shut);
      continue;
    }
    const limit = JSON.parse(shut) as Limit;
    const { room, opensAt } = roomOf(client, limit, now);
    if (room <= 0) {
      if (time !== opensAt) client.statement(SET_TIME).run(opensAt, shut);
      continue;
    }
    const next = client.tuples(NEXT_QUEUE);
    let queue = firstTuple(next, shut, "")?.[0];
    while (queue !== undefined) {
      const some = Math.min(room, OPENED);
      client.statement(UNSHUT).run(shut, textOut(queue), some);
      queue = firstTuple(next, shut, textOut(queue))?.[0];
    }
    // Who takes from a line that is open now wakes the others.
    if (isWaitedFor(client, shut)) client.statement(SET_TIME).run(null, shut);
    else client.statement(FORGET).run(shut);
  }
}

function isWaitedFor(client: Client, shut: string): boolean {
  return firstTuple(client.tuples(ANY_SHUT), shut) !== undefined;
}

function limitsIn(value: unknown): readonly Limit[] {
  return typeof value === "string" ? JSON.parse(value) as Limit[] : [];
}
