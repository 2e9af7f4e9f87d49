/**
 * Finding results: pages by their numbers, the latest first. One call looks
 * at a bounded window of rows, whatever the filter leaves of them.
 *
 * @module
 */

import type { SQLInputValue } from "node:sqlite";
import type {
  Page,
  PageRequest,
  ResultFilter,
  ResultRecord,
} from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { RECORD_COLUMNS, toRecord } from "./records.ts";
import { allTuples, firstTuple } from "./rows.ts";

/** The most rows that one call looks at. */
const WINDOW = 5_000;

/** What each member of a filter says in SQL. */
const CONDITIONS: Readonly<Record<keyof ResultFilter, string>> = {
  state: "state = ?",
  task: "task = ?",
  worker: "worker = ?",
  since: "updated_at >= ?",
  until: "updated_at < ?",
  meta: "instr(meta, ?) > 0",
  // lower() minds letters of ASCII only; what ends in NUL is kept as bytes.
  text: "instr(lower(cast(coalesce(value, '') as text) || char(10) || " +
    "coalesce(cast(error as text), '') || char(10) || " +
    "cast(meta as text)), lower(?)) > 0",
};

/** Finds one page of records. */
export function queryRecords(
  client: Client,
  filter: ResultFilter,
  { limit, cursor }: PageRequest,
): Page<ResultRecord> {
  const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : +cursor;
  const source = sourceOf(filter);
  const oldest = firstTuple(
    client.tuples(
      `select seq from ${source.from} and seq < ?
        order by seq desc limit 1 offset ${WINDOW - 1}`,
    ),
    ...source.values,
    before,
  )?.[0] as number | undefined;
  const rest = restOf(filter);
  const rows = allTuples(
    client.tuples(
      `select ${RECORD_COLUMNS}, seq from ${source.from}
        and seq < ? and seq >= ?${rest.sql} order by seq desc limit ?`,
    ),
    ...source.values,
    before,
    oldest ?? 0,
    ...rest.values,
    limit,
  );
  const last = rows.length >= limit ? rows.at(-1)?.[10] : oldest;
  return {
    items: rows.map(toRecord),
    cursor: last === undefined ? null : String(last),
  };
}

interface Clause {
  readonly values: readonly SQLInputValue[];
}

/** Where the window lies: states that are rare have an index of their own. */
function sourceOf({ state }: ResultFilter): Clause & { from: string } {
  if (state === undefined || state === "SUCCESS") {
    return { from: "lovage_result where true", values: [] };
  }
  return {
    from: "lovage_result indexed by lovage_result_state " +
      "where state = ? and state <> 'SUCCESS'",
    values: [state],
  };
}

/** What else must hold. */
function restOf(filter: ResultFilter): Clause & { sql: string } {
  let sql = "";
  const values: SQLInputValue[] = [];
  for (const name of Object.keys(CONDITIONS) as (keyof ResultFilter)[]) {
    const value = filter[name];
    if (value === undefined) continue;
    sql += ` and ${CONDITIONS[name]}`;
    values.push(value);
  }
  return { sql, values };
}
