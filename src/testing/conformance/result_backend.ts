/**
 * What every result backend promises.
 *
 * @module
 */

import type { ResultFilter, ResultRecord, Store } from "../../contracts/mod.ts";
import { uuid7 } from "../../message/ids.ts";
import { expectEqual, expectTrue } from "./expect.ts";
import { allPages, eventually, ids, record } from "./fixtures.ts";
import type { Suite } from "./harness.ts";

/** All that fits a filter, read in pages. */
function queryAll(
  store: Store,
  filter: ResultFilter,
  limit = 3,
): Promise<ResultRecord[]> {
  return allPages(limit, (page) => store.results.query(filter, page));
}

/** The suite of the result backend port. */
export const resultBackendSuite: Suite = {
  name: "results",
  cases: [
    {
      name: "a record comes back as it went in",
      async run({ store }) {
        const full = record("ünï", {
          state: "PROGRESS",
          ended: false,
          updatedAt: 1_700_000_000_123,
          expiresAt: 1_800_000_000_456,
          value: '{"percent":50,"text":"\'✓\\u0000"}',
          error: '{"name":"TypeError"}',
          meta: '{"retries":2}',
        });
        const bare = record("bare", {
          worker: null,
          expiresAt: null,
          value: null,
          error: null,
        });
        await store.results.store([full, bare]);
        const order = ["bare", "none", "ünï", "bare"];
        const expected = [bare, undefined, full, bare];
        expectEqual(await store.results.fetch(order), expected, "the records");
      },
    },
    {
      name: "nothing asked, nothing stored, nothing forgotten",
      async run({ store }) {
        await store.results.store([]);
        await store.results.forget([]);
        expectEqual(await store.results.fetch([]), [], "the answer");
        expectEqual(await store.results.countByState(), {}, "the counts");
      },
    },
    {
      name: "a later record replaces an earlier one",
      async run({ store }) {
        const states = ["STARTED", "RETRY", "STARTED", "FAILURE"];
        for (const state of states) {
          const ended = state === "FAILURE";
          await store.results.store([record("a", { state, ended })]);
          const [found] = await store.results.fetch(["a"]);
          expectEqual(found?.state, state, "the state");
        }
        await store.results.store([record("a")]);
        const [found] = await store.results.fetch(["a"]);
        expectEqual(found?.state, "SUCCESS", "the state in the end");
        expectEqual(await store.results.countByState(), { SUCCESS: 1 }, "all");
      },
    },
    {
      name: "a record that has not ended never replaces one that has",
      async run({ store }) {
        const late = record("a", { state: "STARTED", ended: false });
        await store.results.store([record("a")]);
        await store.results.store([late, record("b")]);
        expectEqual(
          await store.results.fetch(["a", "b"]),
          [record("a"), record("b")],
          "the records",
        );
        const again = record("c", { state: "STARTED", ended: false });
        await store.results.store([record("c"), again]);
        const [found] = await store.results.fetch(["c"]);
        expectEqual(found, record("c"), "the record within a batch");
      },
    },
    {
      name: "ids of any shape and of any time may come together",
      async run({ store, clock }) {
        const hour = 3_600_000;
        const all = [
          ...Array.from({ length: 6 }, (_, n) => uuid7(n * hour)),
          ...["plain", "0189-7", "ÿ1234567-9abc-7def", "01234567-89ab-7"],
          uuid7(7 * hour).toUpperCase(),
          crypto.randomUUID(),
        ].map((id, n) => record(id, { expiresAt: clock.now() + n }));
        const inDisorder = [...all]
          .sort((a, b) => a.id.slice(-3) < b.id.slice(-3) ? -1 : 1)
          .map((one, n) => ({ ...one, updatedAt: n }));
        await store.results.store(
          all.map((one) => ({ ...one, state: "STARTED", ended: false })),
        );
        await store.results.store(inDisorder);
        const wanted = ids(inDisorder);
        const found = await store.results.fetch([...wanted, uuid7(hour)]);
        expectEqual(found, [...inDisorder, undefined], "the records");
        const listed = ids(await queryAll(store, {}));
        expectEqual(listed, [...wanted].reverse(), "the records by time");
        const count = { SUCCESS: all.length };
        expectEqual(await store.results.countByState(), count, "the counts");
        await store.results.forget(wanted.slice(0, 3));
        clock.advance(all.length);
        const rest = all.length - 3;
        expectEqual(await store.results.expire(100), rest, "how many expired");
        expectEqual(await store.results.countByState(), {}, "the counts then");
      },
    },
    {
      name: "what is forgotten is gone",
      async run({ store }) {
        await store.results.store([record("a"), record("b")]);
        await store.results.forget(["a", "none"]);
        const found = await store.results.fetch(["a", "b"]);
        expectEqual(found, [undefined, record("b")], "the records");
      },
    },
    {
      name: "subscribers are told of what ends, in any store, after the fact",
      async run({ store, another }) {
        const other = await another();
        for (const subscriber of [store, other]) {
          const seen: (ResultRecord | undefined)[] = [];
          const looks: Promise<unknown>[] = [];
          const end = await subscriber.results.subscribe((told) => {
            const which = told === "unknown" ? ["a"] : told;
            looks.push(
              subscriber.results.fetch(which).then((all) => seen.push(...all)),
            );
          });
          await store.results.forget(["a", "b"]);
          await store.results.store([
            record("b", { state: "STARTED", ended: false }),
            record("a"),
          ]);
          await eventually(
            "the end of a",
            () => seen.some((one) => one?.id === "a"),
          );
          end();
          await Promise.all(looks);
          expectTrue(seen.every((one) => one?.id !== "b"), "silence about b");
        }
      },
    },
    {
      name: "each subscriber is told, and only until it ends that",
      async run({ store }) {
        const told: string[] = [];
        const listener = (name: string) => () => void told.push(name);
        const endFirst = await store.results.subscribe(listener("first"));
        await store.results.subscribe(listener("second"));
        await store.results.store([record("a")]);
        await eventually(
          "both",
          () => told.includes("first") && told.includes("second"),
        );
        endFirst();
        endFirst();
        told.length = 0;
        await store.results.store([record("b")]);
        await eventually("the second", () => told.includes("second"));
        expectTrue(!told.includes("first"), "silence after the end");
      },
    },
    {
      name: "a query lists the latest first, page by page",
      async run({ store }) {
        const names = Array.from({ length: 10 }, (_, at) => `r${at}`);
        for (const id of names) await store.results.store([record(id)]);
        await store.results.store([record("r3")]);
        const order = ["r3", ...names.filter((id) => id !== "r3").reverse()];
        expectEqual(ids(await queryAll(store, {})), order, "the order");
        const [first] = await queryAll(store, {}, 100);
        expectEqual(first, record("r3"), "the whole record");
      },
    },
    {
      name: "a page goes on where the one before ended, whatever came since",
      async run({ store }) {
        await store.results.store(["a", "b", "c", "d"].map((id) => record(id)));
        const first = await store.results.query({}, { limit: 2 });
        await store.results.store([record("e")]);
        await store.results.forget(["c"]);
        const next = await store.results.query({}, {
          limit: 2,
          cursor: first.cursor ?? undefined,
        });
        expectEqual(ids(first.items), ["d", "c"], "the first page");
        expectEqual(ids(next.items), ["b", "a"], "the second page");
      },
    },
    {
      name: "a query takes filters, and all of them must hold",
      async run({ store }) {
        const all = [
          record("a", { task: "x", worker: "w1", updatedAt: 100 }),
          record("b", { task: "y", worker: "w1", updatedAt: 200 }),
          record("c", { state: "FAILURE", task: "x", updatedAt: 300 }),
          record("d", { state: "FAILURE", task: "y", updatedAt: 400 }),
          record("e", { state: "STARTED", ended: false, updatedAt: 500 }),
        ];
        await store.results.store(all);
        const cases: [ResultFilter, string[]][] = [
          [{ state: "SUCCESS" }, ["b", "a"]],
          [{ state: "FAILURE" }, ["d", "c"]],
          [{ state: "NONE" }, []],
          [{ task: "x" }, ["c", "a"]],
          [{ worker: "w1" }, ["b", "a"]],
          [{ since: 200, until: 400 }, ["c", "b"]],
          [{ state: "FAILURE", task: "x", until: 400 }, ["c"]],
          [{ state: "FAILURE", worker: "w1" }, []],
        ];
        for (const [filter, expected] of cases) {
          for (const limit of [1, 100]) {
            const found = ids(await queryAll(store, filter, limit));
            expectEqual(found, expected, JSON.stringify(filter));
          }
        }
      },
    },
    {
      name: "a query takes a part of the text, case aside",
      async run({ store }) {
        await store.results.store([
          record("a", { updatedAt: 1, value: '"An Order of tea"', meta: "{}" }),
          record("b", {
            updatedAt: 2,
            error: '{"message":"ORDER 7 Ünfit"}',
            value: null,
          }),
          record("c", {
            updatedAt: 3,
            meta: '{"queue":"mail","args":"[\\"order 7\\"]"}',
          }),
          record("d", { updatedAt: 4, value: '{"queue":"mail"}', meta: "{}" }),
          record("e", { updatedAt: 5, value: null, error: null, meta: "{}" }),
        ]);
        const cases: [ResultFilter, string[]][] = [
          [{ text: "order" }, ["c", "b", "a"]],
          [{ text: "oRDer 7" }, ["c", "b"]],
          [{ text: "Ünfit" }, ["b"]],
          [{ text: "teaorder" }, []],
          [{ text: "%" }, []],
          [{ meta: '"queue":"mail"' }, ["c"]],
          [{ meta: '"queue":"MAIL"' }, []],
          [{ meta: '"queue":"mail"', text: "7" }, ["c"]],
        ];
        for (const [filter, expected] of cases) {
          const found = ids(await queryAll(store, filter, 100));
          expectEqual(found, expected, JSON.stringify(filter));
        }
      },
    },
    {
      name: "states are counted",
      async run({ store }) {
        await store.results.store([
          record("a"),
          record("b"),
          record("c", { state: "FAILURE" }),
          record("d", { state: "PROGRESS", ended: false }),
          record("e", { state: "STARTED", ended: false }),
        ]);
        await store.results.store([record("d"), record("b")]);
        await store.results.forget(["e"]);
        const counts = await store.results.countByState();
        expectEqual(counts, { SUCCESS: 3, FAILURE: 1 }, "the counts");
      },
    },
    {
      name: "what has expired is dropped, as many as asked",
      async run({ store, clock }) {
        const expiring = (id: string, ms: number) =>
          record(id, { expiresAt: clock.now() + ms });
        await store.results.store([
          expiring("a", 100),
          expiring("b", 200),
          expiring("c", 300),
          expiring("d", 301),
          record("never"),
        ]);
        expectEqual(await store.results.expire(10), 0, "nothing yet");
        clock.advance(300);
        expectEqual(await store.results.expire(2), 2, "the first two");
        expectEqual(await store.results.expire(10), 1, "the third");
        const rest = ids(await queryAll(store, {}));
        expectEqual(rest.sort(), ["d", "never"], "what is left");
      },
    },
    {
      name: "a record that replaces another has its own expiry",
      async run({ store, clock }) {
        const first = record("a", { expiresAt: clock.now() + 100 });
        await store.results.store([first]);
        const second = record("a", { expiresAt: clock.now() + 1_000 });
        await store.results.store([second]);
        clock.advance(500);
        expectEqual(await store.results.expire(10), 0, "how many");
        expectEqual(await store.results.fetch(["a"]), [second], "the record");
      },
    },
  ],
};
