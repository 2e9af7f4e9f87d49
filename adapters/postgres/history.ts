/**
 * What was counted. A row for each span and series; the rows of a batch are
 * taken in one order, so that two workers never wait for each other.
 *
 * @module
 */

import type {
  History,
  HistoryCounts,
  HistoryDrop,
  HistoryQuery,
} from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import {
  numberArray,
  quoteName,
  textList,
  textOut,
  textsIn,
  whole,
} from "./text.ts";

/** Counts in a PostgreSQL schema. */
export class PostgresHistory implements History {
  readonly #client: Client;
  readonly #add: string;
  readonly #read: string;

  constructor(client: Client) {
    const s = quoteName(client.schema);
    this.#client = client;
    this.#add = `with old as (
        delete from ${s}.history using unnest($5::bigint[], $6::bigint[])
          as dropped (step, before)
        where history.step = dropped.step and history.at < dropped.before
      )
      insert into ${s}.history as h (step, at, series, counts)
      select step, at, series, string_to_array(counts, ',')::bigint[]
      from unnest($1::bigint[], $2::bigint[], ${textsIn("$3")},
        ${textsIn("$4")}) as i (step, at, series, counts)
      order by step, at, series collate "C"
      on conflict (step, at, series) do update set counts = array (
        select coalesce(was, 0) + coalesce(more, 0)
        from unnest(h.counts, excluded.counts)
          with ordinality as pair (was, more, place)
        order by place)`;
    this.#read = `select at::float8, series, array_to_string(counts, ',')
      from ${s}.history
      where step = $1::bigint and at >= $2::bigint and at < $3::bigint
      order by at, series`;
  }

  async add(
    batch: readonly HistoryCounts[],
    drop: readonly HistoryDrop[],
  ): Promise<void> {
    if (batch.length === 0 && drop.length === 0) return;
    const sums = together(batch);
    // Not sent again: what was counted twice would never be noticed.
    await this.#client.run(this.#add, [
      numberArray(sums.map(({ step }) => step)),
      numberArray(sums.map(({ at }) => at)),
      textList(sums.map(({ series }) => series)),
      textList(sums.map(({ counts }) => counts.join(","))),
      numberArray(drop.map(({ step }) => step)),
      numberArray(drop.map(({ before }) => before)),
    ], { once: true });
  }

  async read(
    { step, from, to }: HistoryQuery,
  ): Promise<readonly HistoryCounts[]> {
    const params = [whole(step), whole(from), whole(to)];
    const rows = await this.#client.run(this.#read, params);
    return rows.map((row) => ({
      step,
      at: row[0] as number,
      series: textOut(row[1]),
      counts: row[2] === "" ? [] : String(row[2]).split(",").map(Number),
    }));
  }
}

/** A statement cannot write to one row twice. */
function together(batch: readonly HistoryCounts[]): HistoryCounts[] {
  const sums = new Map<string, HistoryCounts>();
  for (const one of batch) {
    const key = `${one.step} ${one.at} ${one.series}`;
    const { counts = [] } = sums.get(key) ?? {};
    const length = Math.max(counts.length, one.counts.length);
    const sum = Array.from(
      { length },
      (_, place) => (counts[place] ?? 0) + (one.counts[place] ?? 0),
    );
    sums.set(key, { ...one, counts: sum });
  }
  return [...sums.values()];
}
