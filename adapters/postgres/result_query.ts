/**
 * Finding results: pages in the order of storing, the latest first. One call
 * looks at a bounded window of rows, whatever the filter leaves of them.
 *
 * @module
 */

import type {
  Page,
  PageRequest,
  ResultFilter,
  ResultRecord,
} from "../../src/contracts/mod.ts";
import type { Client, Param } from "./client.ts";
import { RECORD_COLUMNS, toRecord } from "./records.ts";
import { textIn, whole } from "./text.ts";

/** The most rows that one call looks at. */
const WINDOW = 5_000;
/** Before the first page. */
const END = "9223372036854775807";

/** Finds one page of records. */
export async function queryRecords(
  client: Client,
  s: string,
  filter: ResultFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<ResultRecord>> {
  const params: Param[] = [cursorIn(cursor), limit];
  const add = (value: Param) => `$${params.push(value)}`;
  // States that are rare have an index of their own.
  const source = filter.state === undefined || filter.state === "SUCCESS"
    ? `from ${s}.result where true`
    : `from ${s}.result where state <> 'SUCCESS'
        and state = ${add(textIn(filter.state))}::text`;
  const { state, task, worker, since, until, meta, text } = filter;
  const rest = [
    state === "SUCCESS" ? "state = 'SUCCESS'" : "",
    task === undefined ? "" : `task = ${add(textIn(task))}::text`,
    worker === undefined ? "" : `worker = ${add(textIn(worker))}::text`,
    since === undefined ? "" : `updated_at >= ${add(whole(since))}::bigint`,
    until === undefined ? "" : `updated_at < ${add(whole(until))}::bigint`,
    meta === undefined ? "" : `strpos(meta, ${add(textIn(meta))}::text) > 0`,
    // In the collation "C", letters of ASCII only, which is also the fastest.
    text === undefined
      ? ""
      : `strpos(lower(concat(value, chr(10), error, chr(10), meta)
        collate "C"), lower(${add(textIn(text))}::text collate "C")) > 0`,
  ].filter(Boolean).map((condition) => ` and ${condition}`).join("");
  const rows = await client.run(
    `with oldest as materialized (
      select seq ${source} and seq < $1::bigint
      order by seq desc limit 1 offset ${WINDOW - 1}
    ), page as (
      select ${RECORD_COLUMNS}, seq::text ${source} and seq < $1::bigint
        and seq >= coalesce((select seq from oldest), 0)${rest}
      order by result.seq desc limit $2::int
    )
    select * from page
    union all
    select null, null, null, null, null, null, null, null, null, null, (
      select seq::text from oldest)`,
    params,
  );
  const found = rows.slice(0, -1);
  const oldest = rows.at(-1)?.[10] as string | null | undefined;
  const last = found.length >= limit ? found.at(-1)?.[10] as string : oldest;
  return { items: found.map(toRecord), cursor: last ?? null };
}

/** A number of storing, whatever was handed in. */
function cursorIn(cursor: string | undefined): string {
  return cursor !== undefined && /^\d{1,18}$/.test(cursor) ? cursor : END;
}
