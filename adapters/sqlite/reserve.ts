/**
 * How messages are leased. Everything here runs inside one transaction, but
 * for the probe, which spares an idle worker the write lock.
 *
 * @module
 */

import type { Delivery } from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { lastSeq, makeDue } from "./messages.ts";
import { unpaused } from "./pause.ts";
import { allTuples, firstTuple, textOut, type Tuple } from "./rows.ts";

/** The most messages of a queue that one call makes ready. */
const PROMOTE_LIMIT = 1_000;

const IS_READY = `select 1 from lovage_task indexed by lovage_task_ready
  where consumer is null and due is null and queue = ? limit 1`;
const NEXT_DUE = `select min(due) from lovage_task
  indexed by lovage_task_scheduled
  where consumer is null and due is not null and queue = ?`;
const DUE = `select seq from lovage_task indexed by lovage_task_scheduled
  where consumer is null and due is not null and queue = ? and due <= ?
  order by due, seq limit ${PROMOTE_LIMIT}`;

const HEAD = `from lovage_task indexed by lovage_task_ready
  where consumer is null and due is null and queue = ?
  order by priority, seq limit ?`;
// Numbers are cast, since a huge integer or a blob must not make reading fail.
const SELECT = `select id, task, cast(priority as real), cast(eta as real),
  body, cast(losses as real), cancelled <> 0, octet_length(id), seq ${HEAD}`;
const LEASE = `update lovage_task set consumer = ?, token = ?
  where seq in (select seq ${HEAD})`;
const IS_SAME = "select 1 from lovage_task where id = ? and seq = ?";
const RENAME = "update or ignore lovage_task set id = ? where seq = ?";

const ANY_REVOKED = "select 1 from lovage_revoked limit 1";
const IS_REVOKED = "select 1 from lovage_revoked where id = ? and until > ?";
const MARK = "update lovage_task set cancelled = 1 where id = ?";

/** What a worker can expect. */
export interface Outlook {
  /** Whether there is something to reserve now. */
  readonly ready: boolean;
  /** When the next scheduled message comes due. */
  readonly nextDue: number | null;
}

/** Looks for work without taking it. */
export function lookForWork(
  client: Client,
  queues: readonly string[],
  now: number,
): Outlook {
  const isReady = client.tuples(IS_READY);
  const nextDueOf = client.tuples(NEXT_DUE);
  let ready = false;
  let nextDue: number | null = null;
  for (const queue of unpaused(client, queues)) {
    ready ||= isReady.get(queue) !== undefined;
    const due = firstTuple(nextDueOf, queue)?.[0] as number | null;
    if (due !== null) nextDue = Math.min(due, nextDue ?? due);
  }
  return { ready: ready || (nextDue !== null && nextDue <= now), nextDue };
}

/** Makes messages of a queue ready whose time has come; each arrives anew. */
export function promoteDue(client: Client, queue: string, now: number): void {
  const rows = allTuples(client.tuples(DUE), queue, now);
  if (rows.length === 0) return;
  let seq = lastSeq(client);
  for (const [old] of rows) makeDue(client, old as number, ++seq);
}

/** A lease to be taken. */
export interface Lease {
  readonly consumer: string;
  readonly token: number;
}

/** A leased message and its place in the order of arrival. */
export interface Leased extends Delivery {
  readonly seq: number;
}

/** Leases up to `limit` messages of one queue. */
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
  return rows.map((row) => ({
    id: textOut(row[0]),
    task: textOut(row[1]),
    queue,
    priority: row[2] as number ?? 0,
    eta: row[3] as number | null,
    body: textOut(row[4]),
    token,
    losses: row[5] as number ?? 0,
    cancelled: row[6] === 1,
    seq: row[8] as number,
  }));
}

/** Marks the deliveries that were cancelled before they came. */
export function markRevoked<T extends Delivery>(
  client: Client,
  deliveries: T[],
  now: number,
): T[] {
  if (firstTuple(client.tuples(ANY_REVOKED)) === undefined) return deliveries;
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
