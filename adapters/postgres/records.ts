/**
 * How result records enter their table and are read from it: one place for
 * the broker, which stores them with settlements, and for the result backend.
 *
 * @module
 */

import type { ResultRecord } from "../../src/contracts/mod.ts";
import type { Param, Row } from "./client.ts";
import { nullableTextOut, numberArray, textArray, textOut } from "./text.ts";

/** The columns that {@linkcode toRecord} reads, in its order. */
export const RECORD_COLUMNS = `result.id, state, ended, result.task, worker,
  updated_at::float8, expires_at::float8, value, error, meta`;

/**
 * A CTE `kept` that stores records from a source with columns `r_…`. A record
 * that replaces another counts as new in the order of storing; one that has
 * not ended leaves alone what has.
 */
export function keepSql(s: string, source: string, where: string): string {
  return `kept as (
    insert into ${s}.result (id, state, ended, task, worker, updated_at,
      expires_at, value, error, meta)
    select r_id, r_state, r_ended, r_task, r_worker, r_updated_at,
      r_expires_at, r_value, r_error, r_meta
    from ${source} ${where}
    on conflict (id) do update set
      seq = excluded.seq, state = excluded.state, ended = excluded.ended,
      task = excluded.task, worker = excluded.worker,
      updated_at = excluded.updated_at, expires_at = excluded.expires_at,
      value = excluded.value, error = excluded.error, meta = excluded.meta
    where excluded.ended or not result.ended
  )`;
}

/** The columns of records, one array each; absent ones are `null`. */
export function recordArrays(
  records: readonly (ResultRecord | undefined)[],
): Param[] {
  const texts = (read: (record: ResultRecord) => string | null) =>
    textArray(records.map((record) => record ? read(record) : null));
  const numbers = (read: (record: ResultRecord) => number | null) =>
    numberArray(records.map((record) => record ? read(record) : null));
  return [
    texts((record) => record.id),
    texts((record) => record.state),
    `{${
      records.map((record) => record ? record.ended ? "t" : "f" : "NULL")
        .join(",")
    }}`,
    texts((record) => record.task),
    texts((record) => record.worker),
    numbers((record) => record.updatedAt),
    numbers((record) => record.expiresAt),
    texts((record) => record.value),
    texts((record) => record.error),
    texts((record) => record.meta),
  ];
}

/**
 * Of several records of one id the one that stays: the last, unless it has
 * not ended and an earlier one has.
 */
export function latestOf(records: readonly ResultRecord[]): ResultRecord[] {
  const latest = new Map<string, ResultRecord>();
  for (const record of records) {
    if (!record.ended && latest.get(record.id)?.ended) continue;
    latest.delete(record.id);
    latest.set(record.id, record);
  }
  return [...latest.values()];
}

/** The record in a row of {@linkcode RECORD_COLUMNS}. */
export function toRecord(row: Row): ResultRecord {
  return {
    id: textOut(row[0]),
    state: textOut(row[1]),
    ended: row[2] === true,
    task: textOut(row[3]),
    worker: nullableTextOut(row[4]),
    updatedAt: row[5] as number,
    expiresAt: row[6] as number | null,
    value: nullableTextOut(row[7]),
    error: nullableTextOut(row[8]),
    meta: textOut(row[9]),
  };
}
