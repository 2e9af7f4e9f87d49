/**
 * How result records enter and leave their table: one place for the broker,
 * which stores them with settlements, and for the result backend. To be
 * called inside transactions.
 *
 * @module
 */

import type { SQLInputValue } from "node:sqlite";
import type { ResultRecord } from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import {
  firstTuple,
  type Insert,
  insertRows,
  nullableTextIn,
  nullableTextOut,
  textIn,
  textOut,
  type Tuple,
} from "./rows.ts";

/** The columns that {@linkcode toRecord} reads, in its order. */
export const RECORD_COLUMNS = "id, state, ended, task, worker, updated_at, " +
  "expires_at, value, error, meta";

const INSERT: Insert = {
  into: `insert into lovage_result (${RECORD_COLUMNS})`,
  columns: 10,
  tail: " on conflict (id) do nothing",
};

const DELETE_ANY = "delete from lovage_result " +
  "where id in (select value from json_each(?))";
const DELETE_UNENDED = `${DELETE_ANY} and ended = 0`;
const DELETE_ENDED = `${DELETE_ANY} and ended = 1`;

/** What a batch of records did. */
export interface StoredRecords {
  /** The ids of those that ended their tasks. */
  readonly ended: readonly string[];
  /** How many rows were inserted. */
  readonly inserted: number;
}

/**
 * Stores records. One that replaces another gets a new number, so that
 * "greater than the last number seen" finds all that is new; one that has not
 * ended leaves alone what has.
 */
export function putRecords(
  client: Client,
  records: readonly ResultRecord[],
): StoredRecords {
  if (records.length === 0) return { ended: [], inserted: 0 };
  const latest = new Map<string, ResultRecord>();
  for (const record of records) {
    if (!record.ended && latest.get(record.id)?.ended) continue;
    latest.delete(record.id);
    latest.set(record.id, record);
  }
  const ended: string[] = [];
  const others: string[] = [];
  const values: SQLInputValue[] = [];
  for (const record of latest.values()) {
    (record.ended ? ended : others).push(record.id);
    pushValues(values, record);
  }
  if (ended.length > 0) deleteIds(client, DELETE_ANY, ended);
  if (others.length > 0) deleteIds(client, DELETE_UNENDED, others);
  return { ended, inserted: insertRows(client, INSERT, values) };
}

/** Drops what is known of earlier runs of these ids that have ended. */
export function dropEnded(client: Client, ids: readonly string[]): void {
  deleteIds(client, DELETE_ENDED, ids);
}

/** Drops whatever is known of these ids. */
export function dropRecords(client: Client, ids: readonly string[]): void {
  deleteIds(client, DELETE_ANY, ids);
}

/** The greatest number that a record ever had. */
export function lastRecordSeq(client: Client): number {
  const sql = "select seq from sqlite_sequence where name = 'lovage_result'";
  return Number(firstTuple(client.tuples(sql))?.[0] ?? 0);
}

/** The record in a row of {@linkcode RECORD_COLUMNS}. */
export function toRecord(row: Tuple): ResultRecord {
  return {
    id: textOut(row[0]),
    state: textOut(row[1]),
    ended: row[2] === 1,
    task: textOut(row[3]),
    worker: nullableTextOut(row[4]),
    updatedAt: row[5] as number,
    expiresAt: row[6] as number | null,
    value: nullableTextOut(row[7]),
    error: nullableTextOut(row[8]),
    meta: textOut(row[9]),
  };
}

function pushValues(values: SQLInputValue[], record: ResultRecord): void {
  values.push(
    record.id,
    record.state,
    record.ended ? 1 : 0,
    record.task,
    record.worker,
    record.updatedAt,
    record.expiresAt,
    nullableTextIn(record.value),
    nullableTextIn(record.error),
    textIn(record.meta),
  );
}

function deleteIds(client: Client, sql: string, ids: readonly string[]): void {
  client.statement(sql).run(JSON.stringify(ids));
}
