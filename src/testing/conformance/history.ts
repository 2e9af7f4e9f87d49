/**
 * What every history promises.
 *
 * @module
 */

import type { HistoryCounts } from "../../contracts/mod.ts";
import { expectEqual } from "./expect.ts";
import type { Suite } from "./harness.ts";

const MINUTE = 60_000;
const ALL = { step: MINUTE, from: 0, to: 1e15 };

function counted(
  at: number,
  series: string,
  counts: readonly number[],
  step = MINUTE,
): HistoryCounts {
  return { step, at: at * step, series, counts };
}

/** The suite of the history port. */
export const historySuite: Suite = {
  name: "history",
  cases: [
    {
      name: "counts are added place by place",
      async run({ store, another }) {
        const { history } = await another();
        await store.history.add([counted(1, "a", [1, 0, 3])], []);
        await history.add([counted(1, "a", [10, 20])], []);
        await history.add([counted(1, "a", [0, 0, 0, 4])], []);
        const expected = [counted(1, "a", [11, 20, 3, 4])];
        expectEqual(await store.history.read(ALL), expected, "the counts");
      },
    },
    {
      name: "one series may come more than once in a batch",
      async run({ store }) {
        const twice = [counted(1, "a", [1]), counted(1, "a", [2, 5])];
        await store.history.add(twice, []);
        const expected = [counted(1, "a", [3, 5])];
        expectEqual(await store.history.read(ALL), expected, "the counts");
      },
    },
    {
      name: "counts are read by time and series, from one time to another",
      async run({ store }) {
        const odd = 'ü\n\\ "x"';
        await store.history.add([
          counted(3, "a", [1]),
          counted(1, "b", [2]),
          counted(2, odd, [3]),
          counted(1, "a", [4]),
          counted(2, "a", [5], 2 * MINUTE),
          counted(0, "a", [6], 0),
        ], []);
        expectEqual(await store.history.read(ALL), [
          counted(1, "a", [4]),
          counted(1, "b", [2]),
          counted(2, odd, [3]),
          counted(3, "a", [1]),
        ], "all");
        const part = { step: MINUTE, from: 2 * MINUTE, to: 3 * MINUTE };
        const expected = [counted(2, odd, [3])];
        expectEqual(await store.history.read(part), expected, "a part");
        const ever = { step: 0, from: 0, to: 1 };
        const total = [counted(0, "a", [6], 0)];
        expectEqual(await store.history.read(ever), total, "all of time");
      },
    },
    {
      name: "what is old is dropped, of its step only",
      async run({ store }) {
        await store.history.add([
          counted(1, "a", [1]),
          counted(2, "a", [2]),
          counted(1, "a", [3], 10),
        ], []);
        const drop = [{ step: MINUTE, before: 2 * MINUTE }];
        await store.history.add([counted(2, "a", [2])], drop);
        const expected = [counted(2, "a", [4])];
        expectEqual(await store.history.read(ALL), expected, "what is left");
        const others = await store.history.read({ ...ALL, step: 10 });
        expectEqual(others, [counted(1, "a", [3], 10)], "the other step");
      },
    },
    {
      name: "nothing to add is nothing to do",
      async run({ store }) {
        await store.history.add([], []);
        expectEqual(await store.history.read(ALL), [], "the counts");
      },
    },
  ],
};
