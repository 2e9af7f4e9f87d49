/**
 * What was counted. A row for each span and series; the counts are one text,
 * since nothing but their sum is ever asked of the database.
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
import { allTuples, firstTuple, textOut } from "./rows.ts";

const FIND = "select counts from lovage_history " +
  "where step = ? and at = ? and series = ?";
const PUT = `insert into lovage_history (step, at, series, counts)
  values (?, ?, ?, ?)
  on conflict (step, at, series) do update set counts = excluded.counts`;
const DROP = "delete from lovage_history where step = ? and at < ?";
const READ = `select at, series, counts from lovage_history
  where step = ? and at >= ? and at < ? order by at, series`;

/** Counts in a SQLite file. */
export class SqliteHistory implements History {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async add(
    batch: readonly HistoryCounts[],
    drop: readonly HistoryDrop[],
  ): Promise<void> {
    // Statistics are not worth waiting for the disk.
    await this.#client.write(() => {
      for (const one of batch) this.#put(one);
      const remove = this.#client.statement(DROP);
      for (const { step, before } of drop) remove.run(step, before);
    }, "process");
  }

  read({ step, from, to }: HistoryQuery): Promise<readonly HistoryCounts[]> {
    return this.#client.read(() =>
      allTuples(this.#client.tuples(READ), step, from, to).map((row) => ({
        step,
        at: row[0] as number,
        series: textOut(row[1]),
        counts: countsIn(row[2]),
      }))
    );
  }

  #put({ step, at, series, counts }: HistoryCounts): void {
    const found = firstTuple(this.#client.tuples(FIND), step, at, series);
    const before = found === undefined ? [] : countsIn(found[0]);
    const length = Math.max(before.length, counts.length);
    const sum = Array.from(
      { length },
      (_, place) => (before[place] ?? 0) + (counts[place] ?? 0),
    );
    this.#client.statement(PUT).run(step, at, series, sum.join(","));
  }
}

function countsIn(text: unknown): number[] {
  const counts = textOut(text);
  return counts === "" ? [] : counts.split(",").map(Number);
}
