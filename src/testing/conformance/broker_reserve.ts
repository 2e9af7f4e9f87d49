/**
 * What `reserve` promises without waiting.
 *
 * @module
 */

import { expectEqual, expectTrue } from "./expect.ts";
import { ids, message, reserve, reserveOne, settlement } from "./fixtures.ts";
import type { ConformanceCase } from "./harness.ts";

const DAY = 86_400_000;

/** The cases of `reserve`. */
export const reserveCases: readonly ConformanceCase[] = [
  {
    name: "nothing there, nothing returned",
    async run({ store }) {
      expectEqual(await reserve(store), [], "the answer");
    },
  },
  {
    name: "what is leased is not leased again",
    async run({ store }) {
      await store.broker.publish([message("a"), message("b")]);
      expectEqual(ids(await reserve(store, { limit: 1 })), ["a"], "first");
      expectEqual(
        ids(await reserve(store, { consumer: "c2" })),
        ["b"],
        "second",
      );
      expectEqual(await reserve(store), [], "third");
    },
  },
  {
    name: "no more than the limit",
    async run({ store }) {
      const batch = ["a", "b", "c"].map((id) => message(id));
      await store.broker.publish(batch);
      expectEqual(ids(await reserve(store, { limit: 2 })), ["a", "b"], "two");
    },
  },
  {
    name: "by priority, then in the order of arrival",
    async run({ store }) {
      await store.broker.publish([
        message("9a", { priority: 9 }),
        message("0a", { priority: 0 }),
        message("5a", { priority: 5 }),
        message("0b", { priority: 0 }),
      ]);
      await store.broker.publish([
        message("5b", { priority: 5 }),
        message("0c", { priority: 0 }),
      ]);
      const order = ["0a", "0b", "0c", "5a", "5b", "9a"];
      expectEqual(ids(await reserve(store)), order, "the order");
    },
  },
  {
    name: "only from the queues asked for",
    async run({ store }) {
      await store.broker.publish([
        message("a", { queue: "one" }),
        message("b", { queue: "two" }),
        message("c", { queue: "three" }),
      ]);
      const queues = ["one", "three", "none"];
      expectEqual(ids(await reserve(store, { queues })), ["a", "c"], "these");
      expectEqual(ids(await reserve(store, { queues: ["two"] })), ["b"], "it");
    },
  },
  {
    name: "every queue that has work gets its part",
    async run({ store }) {
      const full = Array.from(
        { length: 100 },
        (_, at) => message(`full${at}`, { queue: "full", priority: 0 }),
      );
      const other = [1, 2, 3].map((at) =>
        message(`other${at}`, { queue: "other", priority: 9 })
      );
      await store.broker.publish([...full, ...other]);
      const queues = ["full", "empty", "other"];
      const deliveries = await reserve(store, { queues, limit: 10 });
      expectEqual(deliveries.length, 10, "how many");
      const part = deliveries.filter((one) => one.queue === "other").length;
      expectEqual(part, 3, "the part of the other queue");
    },
  },
  {
    name: "one at a time, queues take turns",
    async run({ store }) {
      const queues = ["one", "two", "three"];
      for (const queue of queues) {
        const batch = [1, 2, 3, 4].map((n) =>
          message(`${queue}${n}`, { queue })
        );
        await store.broker.publish(batch);
      }
      const served: string[] = [];
      for (let n = 0; n < 6; n++) {
        served.push((await reserveOne(store, { queues })).queue);
      }
      expectEqual(served.toSorted(), [...queues, ...queues].sort(), "served");
    },
  },
  {
    name: "an eta is waited for, at any distance",
    async run({ store, clock }) {
      const far = clock.now() + 400 * DAY;
      await store.broker.publish([
        message("far", { eta: far }),
        message("soon", { eta: clock.now() + 1_000 }),
      ]);
      expectEqual(await reserve(store), [], "before");
      clock.advance(999);
      expectEqual(await reserve(store), [], "a moment before");
      clock.advance(1);
      const [soon] = await reserve(store);
      expectEqual([soon?.id, soon?.eta], ["soon", clock.now()], "delivery");
      clock.advance(400 * DAY - 1_000);
      expectEqual(ids(await reserve(store)), ["far"], "after 400 days");
    },
  },
  {
    name: "an eta in the past is now",
    async run({ store, clock }) {
      await store.broker.publish([message("a", { eta: clock.now() })]);
      expectEqual(ids(await reserve(store)), ["a"], "the delivery");
    },
  },
  {
    name: "what comes due arrives then, in the order of the etas",
    async run({ store, clock }) {
      const now = clock.now();
      await store.broker.publish([
        message("third", { eta: now + 300 }),
        message("first", { eta: now + 100 }),
        message("second", { eta: now + 200 }),
        message("urgent", { eta: now + 300, priority: 0 }),
        message("waiting"),
      ]);
      clock.advance(500);
      const order = ["urgent", "waiting", "first", "second", "third"];
      expectEqual(ids(await reserve(store)), order, "the order");
    },
  },
  {
    name: "many that come due at once are all served",
    async run({ store, clock }) {
      const eta = clock.now() + 1_000;
      const batch = Array.from(
        { length: 2_500 },
        (_, at) => message(`m${at}`, { eta }),
      );
      await store.broker.publish(batch);
      clock.advance(1_000);
      const served: string[] = [];
      for (let calls = 0; calls < 10; calls++) {
        served.push(...ids(await reserve(store, { limit: 1_000 })));
      }
      expectEqual(served, ids(batch), "what was served");
    },
  },
  {
    name: "tokens differ from lease to lease",
    async run({ store }) {
      await store.broker.publish([message("a")]);
      const tokens = new Set<number>();
      for (let n = 0; n < 4; n++) {
        const delivery = await reserveOne(store);
        expectTrue(!tokens.has(delivery.token), "a new token");
        tokens.add(delivery.token);
        const back = settlement(delivery, { kind: "release" });
        await store.broker.settle("c1", [back]);
      }
    },
  },
  {
    name: "an aborted signal takes nothing",
    async run({ store }) {
      await store.broker.publish([message("a")]);
      const signal = AbortSignal.abort();
      expectEqual(await reserve(store, { signal }), [], "the answer");
      expectEqual(ids(await reserve(store)), ["a"], "what is still there");
    },
  },
];
