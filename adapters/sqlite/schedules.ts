/**
 * Schedule entries in their table. To be called inside transactions, but for
 * what only reads.
 *
 * @module
 */

import type { SQLInputValue } from "node:sqlite";
import type {
  Firing,
  Message,
  SchedulePage,
  SchedulePut,
  ScheduleRecord,
} from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { countUp, lastRevision } from "./scheduler_row.ts";
import {
  allTuples,
  firstTuple,
  type Insert,
  insertRows,
  textIn,
  textOut,
  type Tuple,
} from "./rows.ts";

const COLUMNS = "name, body, cast(due_at as real), state, " +
  "cast(revision as real)";
const FETCH = `select ${COLUMNS} from lovage_schedule where name = ?`;
const FIRST = `select ${COLUMNS} from lovage_schedule order by name limit ?`;
const AFTER = `select ${COLUMNS} from lovage_schedule
  where name > ? order by name limit ?`;
const REVISION = "select cast(revision as real) from lovage_schedule " +
  "where name = ?";
const PUT: Insert = {
  into: "insert into lovage_schedule (name, body, due_at, revision)",
  columns: 4,
  // What came of the entry so far stays.
  tail: ` on conflict (name) do update set body = excluded.body,
    due_at = excluded.due_at, revision = excluded.revision`,
};
const REMOVE = "delete from lovage_schedule where name = ?";
const FIRE = `update lovage_schedule set due_at = ?, state = ?
  where name = ? and revision = ? and due_at = ?`;

/** Writes entries whose expectations hold, and returns their revisions. */
export function putEntries(
  client: Client,
  batch: readonly SchedulePut[],
): (number | null)[] {
  const revision = lastRevision(client) + 1;
  const values: SQLInputValue[] = [];
  const written = new Set<string>();
  const inForce = (name: string) =>
    written.has(name) ? revision : revisionOf(client, name);
  const answer = batch.map(({ name, body, dueAt, expected }) => {
    if (expected !== undefined && expected !== inForce(name)) return null;
    written.add(name);
    values.push(name, textIn(body), dueAt, revision);
    return revision;
  });
  insertRows(client, PUT, values);
  if (written.size > 0) countUp(client);
  return answer;
}

/** Removes entries and returns for each name whether there was one. */
export function removeEntries(
  client: Client,
  names: readonly string[],
): boolean[] {
  const remove = client.statement(REMOVE);
  const removed = names.map((name) => remove.run(name).changes === 1);
  if (removed.includes(true)) countUp(client);
  return removed;
}

/** Reads entries by their names. */
export function fetchEntries(
  client: Client,
  names: readonly string[],
): (ScheduleRecord | null)[] {
  const get = client.tuples(FETCH);
  return names.map((name) => {
    const row = firstTuple(get, name);
    return row === undefined ? null : toEntry(row);
  });
}

/** Reads a page of entries, which the index of the names has in order. */
export function listEntries(
  client: Client,
  after: string | null,
  limit: number,
): SchedulePage {
  // One more tells whether there is a next page.
  const rows = after === null
    ? allTuples(client.tuples(FIRST), limit + 1)
    : allTuples(client.tuples(AFTER), after, limit + 1);
  const records = rows.slice(0, limit).map(toEntry);
  const more = rows.length > limit;
  return { records, next: more ? records.at(-1)?.name ?? null : null };
}

/** What a batch of firings did, and what it means. */
export interface Fired {
  /** For each firing whether its entry was still the one that was read. */
  readonly fired: readonly boolean[];
  /** What is to be published. */
  readonly messages: readonly Message[];
}

/** Moves entries on that are still those that were read. */
export function fireEntries(client: Client, batch: readonly Firing[]): Fired {
  const move = client.statement(FIRE);
  const messages: Message[] = [];
  const fired = batch.map((firing) => {
    const { name, revision, dueAt, nextAt, state } = firing;
    const { changes } = move.run(nextAt, textIn(state), name, revision, dueAt);
    if (changes !== 1) return false;
    for (const message of firing.messages) messages.push(message);
    return true;
  });
  return { fired, messages };
}

function revisionOf(client: Client, name: string): number | null {
  const row = firstTuple(client.tuples(REVISION), name);
  return row === undefined ? null : row[0] as number ?? 0;
}

function toEntry(row: Tuple): ScheduleRecord {
  return {
    name: textOut(row[0]),
    body: textOut(row[1]),
    dueAt: row[2] as number | null,
    state: textOut(row[3]),
    revision: row[4] as number ?? 0,
  };
}
