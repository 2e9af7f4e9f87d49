/**
 * How tasks are cancelled and queues are emptied. To be called inside
 * transactions.
 *
 * @module
 */

import type {
  CancelOutcome,
  CancelRequest,
  ResultRecord,
} from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { linesOf } from "./lines.ts";
import { lastSeq, makeDue } from "./messages.ts";
import { putRecords, type StoredRecords } from "./records.ts";
import { allTuples, firstTuple, textOut } from "./rows.ts";
import { endWait, leaveLine } from "./special.ts";
import { queueOf, termsOut } from "./terms.ts";
import { freeKey } from "./unique_keys.ts";

/** How many rows one transaction of a purge drops. */
export const PURGE_STEP = 2_000;

const FIND = "select seq, consumer is null, due is not null, terms, line " +
  "from lovage_task where id = ?";
const REMOVE = "delete from lovage_task where seq = ?";
const FLAG = "update lovage_task set cancelled = max(cancelled, ?) " +
  "where seq = ?";
const PASS = "update lovage_task set line = null, queue = ? where seq = ?";
const REMEMBER = `insert into lovage_revoked (id, until) values (?, ?)
  on conflict (id) do update set until = max(until, excluded.until)`;
const FORGET = `delete from lovage_revoked where id in
  (select id from lovage_revoked where until <= ? order by until limit 1000)`;
const GONE = "returning terms, case when terms is not null then id end, line";
const PURGE_READY = `delete from lovage_task where seq in
  (select seq from lovage_task indexed by lovage_task_ready
    where consumer is null and due is null and queue = ?
    limit ${PURGE_STEP}) ${GONE}`;
const PURGE_SCHEDULED = `delete from lovage_task where seq in
  (select seq from lovage_task indexed by lovage_task_scheduled
    where consumer is null and due is not null and queue = ?
    limit ${PURGE_STEP}) ${GONE}`;

/** What a batch of cancellations did. */
export interface Cancelled {
  readonly outcomes: readonly CancelOutcome[];
  /** Whether messages became ready. */
  readonly queued: boolean;
  readonly stored: StoredRecords;
}

/** Cancels tasks, one after the other. */
export function cancelTasks(
  client: Client,
  batch: readonly CancelRequest[],
  now: number,
): Cancelled {
  const records: ResultRecord[] = [];
  let queued = false;
  const outcomes = batch.map((request): CancelOutcome => {
    const row = firstTuple(client.tuples(FIND), request.id);
    if (row === undefined) {
      client.statement(REMEMBER).run(request.id, request.rememberUntil);
      return "unknown";
    }
    const [seq, waits, scheduled] = row as [number, 0 | 1, 0 | 1];
    const line = row[4];
    queued ||= waits === 1 && line !== null;
    if (!waits || request.keep) {
      client.statement(FLAG).run(request.terminate ? 2 : 1, seq);
      if (waits && line !== null) {
        client.statement(PASS).run(queueOf(line, line), seq);
        leaveLine(client, line, now);
      }
      if (waits && scheduled) {
        makeDue(client, seq, lastSeq(client) + 1);
        queued = true;
      }
      return "running";
    }
    client.statement(REMOVE).run(seq);
    if (row[3] !== null) {
      endWait(client, request.id, termsOut(row[3]), line, now);
    }
    if (request.result !== undefined) records.push(request.result);
    return "removed";
  });
  client.statement(FORGET).run(now);
  return { outcomes, queued, stored: putRecords(client, records) };
}

/**
 * Drops some of the messages that wait in a queue.
 *
 * @returns how many; fewer than {@linkcode PURGE_STEP} when these were all
 */
export function purgeStep(client: Client, queue: string, now: number): number {
  let count = 0;
  const lines = new Set<unknown>();
  const names = [queue, ...linesOf(client, queue)];
  const steps = [
    ...names.map((name) => [PURGE_READY, name] as const),
    [PURGE_SCHEDULED, queue] as const,
  ];
  for (const [purge, name] of steps) {
    const gone = allTuples(client.tuples(purge), name);
    for (const [terms, id, line] of gone) {
      if (terms !== null) freeKey(client, termsOut(terms).unique, textOut(id));
      lines.add(line);
    }
    count += gone.length;
    if (count >= PURGE_STEP) break;
  }
  for (const line of lines) leaveLine(client, line, now);
  return count;
}
