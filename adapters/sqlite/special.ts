/**
 * How messages with limits or a unique key come, take the place of others, go
 * back to their queues, and end. To be called inside transactions.
 *
 * @module
 */

import type { Message } from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { revise, wakeAll } from "./lines.ts";
import { giveBack } from "./meters.ts";
import { firstTuple, textIn, textOut, type Tuple } from "./rows.ts";
import { lineOf, queueOf, type Terms, termsIn, termsOut } from "./terms.ts";
import { claimKey, freeKey } from "./unique_keys.ts";

const IS_LIVE = "select 1 from lovage_task where id = ?";
const ADD = `insert into lovage_task
  (id, task, queue, priority, eta, due, body, terms) values
  (?, ?, ?, ?, ?, ?, ?, ?)`;
const STANDS = `select line, terms from lovage_task
  where id = ? and consumer is null`;
const REPLACE = `update lovage_task set seq = ?, task = ?, queue = ?,
  priority = ?, eta = ?, due = ?, body = ?, terms = ?, line = null
  where id = ?`;
const GET = `select queue, terms, line, cancelled, due is not null,
  consumer is not null from lovage_task where id = ?`;
const SET = `update lovage_task set terms = ?, line = ?, queue = ?
  where id = ?`;
const ANY_REVOKED = "select 1 from lovage_revoked limit 1";
const IS_REVOKED = "select 1 from lovage_revoked where id = ? and until > ?";

/**
 * Adds a message.
 *
 * @returns whether neither its id is live nor its key another's
 */
export function addSpecial(
  client: Client,
  message: Message,
  due: number | null,
  now: number,
): boolean {
  const { id, task, queue, priority, eta, body, unique } = message;
  if (firstTuple(client.tuples(IS_LIVE), id) !== undefined) return false;
  if (unique && !claimKey(client, unique, id, now)) return false;
  client.statement(ADD).run(
    ...[id, task, queue, priority, eta, due],
    textIn(body),
    termsIn(message),
  );
  arrive(client, id, now);
  return true;
}

/**
 * Puts a message into the place of the one of its id.
 *
 * @returns whether that waits, and its key is not another's
 */
export function replaceMessage(
  client: Client,
  message: Message,
  due: number | null,
  seq: number,
  now: number,
): boolean {
  const { id, task, queue, priority, eta, body, unique } = message;
  const row = firstTuple(client.tuples(STANDS), id);
  if (row === undefined) return false;
  if (unique && !claimKey(client, unique, id, now)) return false;
  client.statement(REPLACE).run(
    ...[seq, task, queue, priority, eta, due],
    textIn(body),
    termsIn(message),
    id,
  );
  const old = termsOut(row[1]);
  if (old.unique?.key !== unique?.key) freeKey(client, old.unique, id);
  arrive(client, id, now);
  leaveLine(client, row[0], now);
  return true;
}

/** A lease of a message that had these terms has ended; it may go on. */
export function endLease(
  client: Client,
  id: string,
  terms: Terms,
  now: number,
): void {
  const freed = (terms.limits ?? []).filter((limit) =>
    giveBack(client, limit, id)
  );
  const row = firstTuple(client.tuples(GET), id);
  if (row === undefined) freeKey(client, terms.unique, id);
  else {
    const kept = termsOut(row[1]);
    if (kept.unique?.key !== terms.unique?.key) {
      freeKey(client, terms.unique, id);
    }
    arrive(client, id, now);
  }
  wakeAll(client, freed, now);
}

/** A message that waited and had these terms is gone. */
export function endWait(
  client: Client,
  id: string,
  terms: Terms,
  line: unknown,
  now: number,
): void {
  freeKey(client, terms.unique, id);
  leaveLine(client, line, now);
}

/** A message is not in this line any more. */
export function leaveLine(client: Client, line: unknown, now: number): void {
  if (line !== null) revise(client, textOut(line), now);
}

/** A message that waits comes into its place, and has its key if it can. */
export function arrive(client: Client, id: string, now: number): void {
  const row = firstTuple(client.tuples(GET), id);
  if (row === undefined) return;
  const queue = queueOf(row[0], row[2]);
  let terms = termsOut(row[1]);
  const { limits, unique } = terms;
  if (unique && !claimKey(client, unique, id, now)) terms = { limits };
  const line = row[4] === 1 || passesLimits(client, id, row, now)
    ? null
    : lineOf(queue, terms);
  const text = termsIn(terms);
  if (text !== row[1] || line !== row[2] || line !== null) {
    client.statement(SET).run(text, line, line ?? queue, id);
  }
  if (line !== null) revise(client, line, now);
}

/** A cancelled message does, and one that was before it came. */
function passesLimits(
  client: Client,
  id: string,
  row: Tuple,
  now: number,
): boolean {
  if (row[3] as number > 0) return true;
  return firstTuple(client.tuples(ANY_REVOKED)) !== undefined &&
    firstTuple(client.tuples(IS_REVOKED), id, now) !== undefined;
}
