/**
 * What was counted.
 *
 * @module
 */

import type {
  History,
  HistoryCounts,
  HistoryDrop,
  HistoryQuery,
} from "../../src/contracts/mod.ts";
import type { Argument, Client } from "./client.ts";
import { escapeLine, unescapeLine } from "./format.ts";
import { ADD_HISTORY, READ_HISTORY } from "./scripts/history.ts";

/** Counts in Redis. */
export class RedisHistory implements History {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async add(
    batch: readonly HistoryCounts[],
    drop: readonly HistoryDrop[],
  ): Promise<void> {
    if (batch.length === 0 && drop.length === 0) return;
    const args: Argument[] = [batch.length];
    for (const { step, at, series, counts } of batch) {
      args.push(step, at, escapeLine(series), counts.join(","));
    }
    for (const { step, before } of drop) args.push(step, before);
    await this.#client.once(ADD_HISTORY, args);
  }

  async read(
    { step, from, to }: HistoryQuery,
  ): Promise<readonly HistoryCounts[]> {
    const spans = await this.#client.run(READ_HISTORY, [step, from, to]) as [
      string,
      string[],
    ][];
    return spans.flatMap(([at, pairs]) => {
      const found: HistoryCounts[] = [];
      for (let i = 0; i < pairs.length; i += 2) {
        const text = pairs[i + 1] ?? "";
        found.push({
          step,
          at: Number(at),
          series: unescapeLine(pairs[i] ?? ""),
          counts: text === "" ? [] : text.split(",").map(Number),
        });
      }
      return found.sort((a, b) => a.series < b.series ? -1 : 1);
    });
  }
}
