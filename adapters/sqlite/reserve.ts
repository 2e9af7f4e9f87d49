/**
 * How messages are leased. Everything here runs inside one transaction, but
 * for the probe, which spares an idle worker the write lock.
 *
 * @module
 */

import type { Delivery } from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { type Head, headOf, nextOpening, openLine, turn } from "./lines.ts";
import { lastSeq, makeDue } from "./messages.ts";
import { roomOf, takeOf } from "./meters.ts";
import { type Exceptions, exceptionsIn } from "./exceptions.ts";
import { unpaused } from "./pause.ts";
import { allTuples, firstTuple, textOut, type Tuple } from "./rows.ts";
import { arrive } from "./special.ts";
import { termsOut } from "./terms.ts";
import { freeKey } from "./unique_keys.ts";

/** The most messages of a queue that one call makes ready. */
const PROMOTE_LIMIT = 1_000;

const IS_READY = `select 1 from lovage_task indexed by lovage_task_ready
  where consumer is null and due is null and queue = ?
  limit 1`;
const NEXT_DUE = `select min(due) from lovage_task
  indexed by lovage_task_scheduled
  where consumer is null and due is not null and queue = ?`;
const DUE =
  `select seq, id, terms from lovage_task indexed by lovage_task_scheduled
  where consumer is null and due is not null and queue = ? and due <= ?
  order by due, seq limit ${PROMOTE_LIMIT}`;

const HEAD = `from lovage_task indexed by lovage_task_ready
  where consumer is null and due is null and queue = ?
  order by priority, seq limit ?`;
// Numbers are cast, since a huge integer or a blob must not make reading fail.
const SELECT = `select id, task, cast(priority as real), cast(eta as real),
  body, cast(losses as real), cancelled <> 0, octet_length(id), seq, terms ${HEAD}`;
const LEASE = `update lovage_task set consumer = ?, token = ?
  where seq in (select seq ${HEAD})`;
// Where something is to be given back, the token is the next one, an odd one.
const MAKE_ODD = "update lovage_task set token = ? where seq = ?";
const IS_SAME = "select 1 from lovage_task where id = ? and seq = ?";
const RENAME = "update or ignore lovage_task set id = ? where seq = ?";

const IS_REVOKED = "select 1 from lovage_revoked where id = ? and until > ?";
const MARK = "update lovage_task set cancelled = 1 where id = ?";

const BEFORE = `select count(*) from (select 1 from lovage_task
  indexed by lovage_task_ready where consumer is null and due is null
    and queue = ? and priority < ? limit ?)`;
const IN_LINE = `select id, task, cast(priority as real), cast(eta as real),
  body, cast(losses as real), cancelled <> 0, queue, seq, terms
  from lovage_task indexed by lovage_task_ready
  where consumer is null and due is null and queue = ?
  order by priority, seq limit ?`;
const LEASE_ONE = `update lovage_task
  set consumer = ?, token = ?, queue = ?, line = null where seq = ?`;
/** How many lines of a queue one call looks at beside those it takes from. */
const LOOKS = 1_000;

/** What a worker can expect. */
export interface Outlook {
  /** Whether there is something to reserve now. */
  readonly ready: boolean;
  /** When something may come by time, if there is nothing now. */
  readonly nextDue: number | null;
}

/** Looks for work without taking it. */
export function lookForWork(
  client: Client,
  queues: readonly string[],
  now: number,
  limited: boolean,
): Outlook {
  const exceptions = exceptionsIn(client);
  const withLines = limited && exceptions.lines;
  const served = unpaused(client, queues, exceptions);
  const isReady = client.tuples(IS_READY);
  const ready = served.some((queue) =>
    isReady.get(queue) !== undefined ||
    (withLines && openLine(client, queue) !== undefined)
  );
  // Who has something to take waits for no time.
  if (ready) return { ready, nextDue: null };
  let nextDue = withLines ? nextOpening(client) : null;
  const nextDueOf = client.tuples(NEXT_DUE);
  for (const queue of served) {
    const due = firstTuple(nextDueOf, queue)?.[0] as number | null;
    if (due !== null) nextDue = Math.min(due, nextDue ?? due);
  }
  return { ready: nextDue !== null && nextDue <= now, nextDue };
}

/**
 * Makes messages of a queue ready whose time has come; each arrives anew.
 *
 * @returns whether limits may hold some of them back
 */
export function promoteDue(
  client: Client,
  queue: string,
  now: number,
): boolean {
  const rows = allTuples(client.tuples(DUE), queue, now);
  if (rows.length === 0) return false;
  let seq = lastSeq(client);
  for (const [old, id, terms] of rows) {
    makeDue(client, old as number, ++seq);
    if (terms !== null) arrive(client, textOut(id), now);
  }
  return rows.some(([, , terms]) => terms !== null);
}

/** A lease to be taken. */
export interface Lease {
  readonly consumer: string;
  readonly token: number;
}

/** A leased message. */
export interface Leased {
  readonly delivery: Delivery;
  /** Its place in the order of arrival. */
  readonly seq: number;
  /** Whether it counts as one that limits may hold back. */
  readonly held: boolean;
}

/**
 * Leases up to `limit` messages of one queue, up to `most` of those that
 * limits may hold back. Of one priority these come first.
 */
export function leaseAny(
  client: Client,
  queue: string,
  limit: number,
  most: number,
  lease: Lease,
  now: number,
): Leased[] {
  const taken: Leased[] = [];
  let held = 0;
  for (let looks = 0; held < most && looks < LOOKS; looks++) {
    const line = openLine(client, queue);
    const head = line === undefined ? undefined : headOf(client, line);
    if (line !== undefined && head !== undefined) {
      const left = limit - taken.length;
      const before = firstTuple(
        client.tuples(BEFORE),
        ...[queue, head.priority, left],
      )?.[0] as number;
      if (before > 0) {
        taken.push(...leaseFrom(client, queue, before, lease));
      }
      const want = Math.min(limit - taken.length, most - held);
      if (want <= 0) break;
      const part = leaseLine(client, head, want, lease, now);
      held += part.length;
      taken.push(...part);
    }
    if (line === undefined) break;
    turn(client, line, now);
  }
  const left = limit - taken.length;
  if (left > 0) taken.push(...leaseFrom(client, queue, left, lease));
  return taken;
}

/** The first messages of a line, as far as there is room. */
function leaseLine(
  client: Client,
  { line, queue, priority, limits }: Head,
  want: number,
  { consumer, token }: Lease,
  now: number,
): Leased[] {
  const room = limits.reduce(
    (room, limit) => Math.min(room, roomOf(client, limit, now).room),
    want,
  );
  if (room <= 0) return [];
  const same = JSON.stringify(limits);
  const rows = allTuples(client.tuples(IN_LINE), line, room);
  const end = rows.findIndex((row) =>
    row[2] !== priority ||
    JSON.stringify(termsOut(row[9]).limits ?? []) !== same
  );
  const taken = (end < 0 ? rows : rows.slice(0, end)).map((row) =>
    toLeased(row, queue, token, true)
  );
  const ids = taken.map(({ delivery }) => delivery.id);
  for (const { delivery: { id, token, unique }, seq } of taken) {
    client.statement(LEASE_ONE).run(consumer, token, queue, seq);
    if (unique?.waiting) freeKey(client, unique, id);
  }
  if (ids.length > 0) {
    for (const limit of limits) takeOf(client, limit, ids, now);
  }
  return taken;
}

/** Leases up to `limit` messages of one queue that nothing holds back. */
export function leaseFrom(
  client: Client,
  queue: string,
  limit: number,
  { consumer, token }: Lease,
): Leased[] {
  let rows = allTuples(client.tuples(SELECT), queue, limit);
  if (rows.length === 0) return [];
  if (renameUnreadable(client, rows)) {
    rows = allTuples(client.tuples(SELECT), queue, limit);
  }
  client.statement(LEASE).run(consumer, token, queue, limit);
  for (const row of rows) {
    if (row[9] === null) continue;
    client.statement(MAKE_ODD).run(token + 1, row[8] as number);
  }
  return rows.map((row) => toLeased(row, queue, token, false));
}

function toLeased(
  row: Tuple,
  queue: string,
  token: number,
  held: boolean,
): Leased {
  const delivery = toDelivery(row, queue, token);
  return { delivery, seq: row[8] as number, held };
}

function toDelivery(row: Tuple, queue: string, token: number): Delivery {
  const delivery = {
    id: textOut(row[0]),
    task: textOut(row[1]),
    queue,
    priority: row[2] as number ?? 0,
    eta: row[3] as number | null,
    body: textOut(row[4]),
    token,
    losses: row[5] as number ?? 0,
    cancelled: row[6] === 1,
  };
  if (row[9] === null) return delivery;
  return { ...delivery, ...termsOut(row[9]), token: token + 1 };
}

/** Marks the deliveries that were cancelled before they came. */
export function markRevoked(
  client: Client,
  deliveries: Delivery[],
  { revoked }: Exceptions,
  now: number,
): Delivery[] {
  if (!revoked) return deliveries;
  const isRevoked = client.tuples(IS_REVOKED);
  return deliveries.map((delivery) => {
    if (delivery.cancelled) return delivery;
    if (isRevoked.get(delivery.id, now) === undefined) return delivery;
    client.statement(MARK).run(delivery.id);
    return { ...delivery, cancelled: true };
  });
}

/**
 * Whether the id, as read, would not find its row again: because it is no
 * text, holds a NUL, or bytes that are not UTF-8.
 */
function isUnreadable(client: Client, row: Tuple): boolean {
  const [id, bytes, seq] = [row[0], row[7], row[8] as number];
  if (typeof id !== "string") return true;
  if (bytes === id.length && !id.includes("\ufffd")) return false;
  return client.tuples(IS_SAME).get(id, seq) === undefined;
}

/** Gives rows with unreadable ids, put in by hand, ids that can be read. */
function renameUnreadable(client: Client, rows: readonly Tuple[]): boolean {
  const unreadable = rows.filter((row) => isUnreadable(client, row));
  for (const row of unreadable) {
    const id = `unreadable-${row[8]}-${textOut(row[0])}`.replaceAll("\0", "");
    client.statement(RENAME).run(id.toWellFormed(), row[8] as number);
  }
  return unreadable.length > 0;
}
