/**
 * What was counted, in memory.
 *
 * @module
 */

import type {
  History,
  HistoryCounts,
  HistoryDrop,
  HistoryQuery,
} from "../../src/contracts/mod.ts";
import type { MemoryState } from "./state.ts";

/** Counts of a state. */
export class MemoryHistory implements History {
  readonly #state: MemoryState;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  add(
    batch: readonly HistoryCounts[],
    drop: readonly HistoryDrop[],
  ): Promise<void> {
    const { history } = this.#state;
    for (const { step, at, series, counts } of batch) {
      const key = JSON.stringify([step, at, series]);
      const sum = sumOf(history.get(key)?.counts ?? [], counts);
      history.set(key, { step, at, series, counts: sum });
    }
    for (const [key, { step, at }] of history) {
      const isOld = drop.some((each) => step === each.step && at < each.before);
      if (isOld) history.delete(key);
    }
    return Promise.resolve();
  }

  read({ step, from, to }: HistoryQuery): Promise<readonly HistoryCounts[]> {
    const found = [...this.#state.history.values()]
      .filter((one) => one.step === step && one.at >= from && one.at < to)
      .sort((a, b) => a.at - b.at || (a.series < b.series ? -1 : 1));
    return Promise.resolve(found);
  }
}

function sumOf(a: readonly number[], b: readonly number[]): number[] {
  const [longer, shorter] = a.length >= b.length ? [a, b] : [b, a];
  return longer.map((count, place) => count + (shorter[place] ?? 0));
}
