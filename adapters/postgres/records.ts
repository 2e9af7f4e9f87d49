/**
 * How result records enter their table and are read from it: one place for
 * the broker, which stores them with settlements, and for the result backend.
 *
 * @module
 */

import type { ResultRecord } from "../../src/contracts/mod.ts";
import type { Param, Row } from "./client.ts";
import {
  nullableTextIn,
  nullableTextOut,
  numberArray,
  textIn,
  textList,
  textOut,
  textsIn,
  whole,
} from "./text.ts";

/** The columns that {@linkcode toRecord} reads, in its order. */
export const RECORD_COLUMNS = `result.id, state, ended, result.task, worker,
  updated_at::float8, expires_at::float8, value, error, meta`;

/**
 * A CTE `kept` that stores records from a source with columns `r_…`. A record
 * that replaces another counts as new in the order of storing; one that has
 * not ended leaves alone what has.
 *
 * @param columns what is read from the source instead
 * @param returning what its rows are, for those who wait for it
 */
export function keepSql(
  s: string,
  source: string,
  where: string,
  columns: string = PARAM_COLUMNS.join(", "),
  returning = "",
): string {
  return `kept as (
    ${insertSql(s)} select ${columns} from ${source} ${where}
    ${REPLACE} ${returning}
  )`;
}

/**
 * The same for `held` tasks that are taken to end with their first record,
 * but for those that were marked: see `recorded.ts`. One that is there all the
 * same makes the statement fail: see {@linkcode isAlreadyThere}.
 */
export function keepFirstSql(
  s: string,
  columns: string,
  returning = "",
): string {
  return `kept as (
    ${insertSql(s)} select ${columns} from held where recorded is null
    ${returning}
  ), kept_again as (
    ${insertSql(s)} select ${columns} from held where recorded
    ${REPLACE}
  )`;
}

/** Whether a statement failed as something was there that was not expected. */
export function isAlreadyThere(error: unknown): boolean {
  const cause = (error as { cause?: { code?: unknown } } | null)?.cause;
  return cause?.code === "23505";
}

function insertSql(s: string): string {
  return `insert into ${s}.result (id, state, ended, task, worker, updated_at,
      expires_at, value, error, meta)`;
}

const REPLACE = `on conflict (id) do update set
      seq = excluded.seq, state = excluded.state, ended = excluded.ended,
      task = excluded.task, worker = excluded.worker,
      updated_at = excluded.updated_at, expires_at = excluded.expires_at,
      value = excluded.value, error = excluded.error, meta = excluded.meta
    where excluded.ended or not result.ended`;

const PARAMS: readonly (readonly [column: string, type: string])[] = [
  ["r_id", "text"],
  ["r_state", "text"],
  ["r_ended", "boolean"],
  ["r_task", "text"],
  ["r_worker", "text"],
  ["r_updated_at", "bigint"],
  ["r_expires_at", "bigint"],
  ["r_value", "text"],
  ["r_error", "text"],
  ["r_meta", "text"],
];

/** The columns of {@linkcode recordParams}. */
export const PARAM_COLUMNS: readonly string[] = PARAMS.map(([name]) => name);

/** Their arrays, for parameters from `$first` on. */
export function paramArrays(first: number): readonly string[] {
  return PARAMS.map(([, type], at) => {
    const param = `$${first + at}`;
    return type === "text" ? textsIn(param) : `${param}::${type}[]`;
  });
}

/** How the records of a batch are said that are {@linkcode alikeParams}. */
export interface AlikeSql {
  /** What differs: columns and their arrays. */
  readonly columns: readonly string[];
  readonly arrays: readonly string[];
  /** What {@linkcode keepSql} reads. */
  readonly kept: string;
}

/** How many parameters {@linkcode alikeSql} has. */
export const ALIKE_PARAMS = 8;

/** The same for parameters from `$first` on. */
export function alikeSql(first: number): AlikeSql {
  const at = (offset: number) => `$${first + offset}`;
  return {
    columns: ["r_task", "r_updated_at", "r_value", "r_meta"],
    arrays: [
      textsIn(at(4)),
      `${at(5)}::bigint[]`,
      textsIn(at(6)),
      textsIn(at(7)),
    ],
    kept: `id, ${at(0)}::text, ${at(1)}::int = 1, r_task, ${at(2)}::text,
      r_updated_at, r_updated_at + ${at(3)}::bigint, r_value, null, r_meta`,
  };
}

/**
 * The parameters of records of these ids that differ in little, as those of a
 * worker do as long as all goes well; `null` if they are not such.
 */
export function alikeParams(
  ids: readonly string[],
  records: readonly (ResultRecord | undefined)[],
): Param[] | null {
  const [first] = records;
  if (first === undefined) return null;
  const { state, ended, worker } = first;
  const lifetime = lifetimeOf(first);
  const all: ResultRecord[] = [];
  for (const [at, record] of records.entries()) {
    if (
      record === undefined || record.id !== ids[at] ||
      record.state !== state || record.ended !== ended ||
      record.worker !== worker || record.error !== null ||
      lifetimeOf(record) !== lifetime
    ) return null;
    all.push(record);
  }
  return [
    textIn(state),
    ended ? 1 : 0,
    nullableTextIn(worker),
    lifetime === null ? null : whole(lifetime),
    textList(all.map((record) => record.task)),
    numberArray(all.map((record) => record.updatedAt)),
    textList(all.map((record) => record.value)),
    textList(all.map((record) => record.meta)),
  ];
}

function lifetimeOf({ expiresAt, updatedAt }: ResultRecord): number | null {
  return expiresAt === null ? null : expiresAt - updatedAt;
}

/** Records as parameters, one for each column; absent ones are `null`. */
export function recordParams(
  records: readonly (ResultRecord | undefined)[],
): Param[] {
  const texts = (read: (record: ResultRecord) => string | null) =>
    textList(records.map((record) => record ? read(record) : null));
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
