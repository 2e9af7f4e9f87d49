/**
 * What every broker promises of the order in which messages with limits come,
 * and of how many.
 *
 * @module
 */

import type { Delivery } from "../../contracts/mod.ts";
import { expectEqual, expectTrue } from "./expect.ts";
import {
  ids,
  limited,
  message,
  ONE,
  publishLimited,
  reserve,
  reserveOne,
  settlement,
  slots,
} from "./fixtures.ts";
import type { ConformanceCase } from "./harness.ts";

/** The cases of order and number under limits. */
export const lineCases: readonly ConformanceCase[] = [
  {
    name: "what is held back holds up nothing else",
    async run({ store }) {
      const batch = ["a", "b", "c"].map((id) => limited(id, ONE));
      await store.broker.publish([
        ...batch,
        limited("other", slots("other", 1)),
        message("plain"),
      ]);
      const first = ids(await reserve(store)).sort();
      expectEqual(first, ["a", "other", "plain"], "taken");
      await store.broker.publish([message("late")]);
      expectEqual(ids(await reserve(store)), ["late"], "what came later");
    },
  },
  {
    name: "priority and arrival decide among those of the same limits",
    async run({ store }) {
      const of = (id: string, priority: number) => ({
        ...limited(id, ONE),
        priority,
      });
      await store.broker.publish([of("holder", 5)]);
      let held = await reserveOne(store);
      await store.broker.publish([of("d", 9), of("b", 5), of("c", 5)]);
      expectEqual(await reserve(store), [], "no room");
      await store.broker.publish([of("a", 0)]);
      for (const id of ["a", "b", "c", "d"]) {
        await store.broker.settle("c1", [settlement(held)]);
        held = await reserveOne(store, { limit: 100 });
        expectEqual(held.id, id, "the next");
      }
    },
  },
  {
    name: "priority decides between messages with and without limits",
    async run({ store }) {
      await store.broker.publish([
        { ...limited("last", slots("x", 1)), priority: 9 },
        message("second", { priority: 1 }),
        message("third", { priority: 5 }),
        { ...limited("first", slots("y", 1)), priority: 0 },
      ]);
      const order: string[] = [];
      for (let n = 0; n < 4; n++) order.push((await reserveOne(store)).id);
      expectEqual(order, ["first", "second", "third", "last"], "the order");
    },
  },
  {
    name: "a released message keeps its place among those of its limits",
    async run({ store }) {
      const names = ["a", "b", "c", "d"];
      const two = slots("k", 2);
      await publishLimited(store, names, two);
      const [a, b] = await reserve(store);
      if (!a || !b) throw new Error("Expected two deliveries");
      await store.broker.settle("c1", [
        settlement(b, { kind: "release" }),
        settlement(a, { kind: "release" }),
      ]);
      expectEqual(ids(await reserve(store)), ["a", "b"], "the next");
    },
  },
  {
    name: "many keys, each with messages that are held back",
    async run({ store }) {
      const batch = Array.from(
        { length: 900 },
        (_, at) => limited(`${at % 300}-${at}`, slots(`k${at % 300}`, 1)),
      );
      await store.broker.publish(batch);
      const keyOf = ({ id }: { id: string }) => id.split("-")[0] ?? "";
      let held: Delivery[] = [];
      for (let round = 0; round < 3; round++) {
        held = [];
        for (let calls = 0; calls < 50 && held.length < 300; calls++) {
          held.push(...await reserve(store, { limit: 40 }));
        }
        expectEqual(new Set(held.map(keyOf)).size, 300, "one of each key");
        expectEqual(await reserve(store), [], "no more");
        await store.broker.publish([message(`plain${round}`)]);
        const plain = await reserve(store);
        expectEqual(ids(plain), [`plain${round}`], "what has no limits");
        if (round === 2) break;
        const [one, ...rest] = held;
        if (!one) throw new Error("Expected a delivery");
        await store.broker.settle("c1", [settlement(one)]);
        const next = await reserve(store);
        expectEqual(next.map(keyOf), [keyOf(one)], "the next of its key");
        const done = [...next, ...rest].map((each) =>
          settlement(each, { kind: each === next[0] ? "release" : "ack" })
        );
        await store.broker.settle("c1", done);
      }
    },
  },
  {
    name: "many keys that share a limit, as much as there is room",
    async run({ store }) {
      const all = slots("all", 10);
      await store.broker.publish(
        Array.from(
          { length: 200 },
          (_, at) => limited(`m${at}`, slots(`k${at % 50}`, 1), all),
        ),
      );
      let left = 200;
      for (let calls = 0; left > 0 && calls < 100; calls++) {
        const held = await reserve(store);
        expectEqual(held.length, 10, "how many are held at a time");
        expectEqual(await reserve(store), [], "no more");
        await store.broker.settle("c1", held.map((one) => settlement(one)));
        left -= held.length;
      }
      expectEqual(left, 0, "what is left");
    },
  },
  {
    name: "no more with limits than asked for, and as many without",
    async run({ store }) {
      const names = ["a", "b", "c"];
      await store.broker.publish([
        ...names.map((id) => limited(id, slots(id, 1))),
        ...["x", "y", "z"].map((id) => message(id)),
      ]);
      const some = await reserve(store, { limit: 4, limited: 1 });
      const { true: without = [], false: [one] = [] } = Object.groupBy(
        some,
        ({ id }) => `${id > "c"}`,
      );
      expectEqual(ids(without), ["x", "y", "z"], "without limits");
      expectTrue(names.includes(one?.id ?? ""), "one with limits");
      expectEqual(await reserve(store, { limited: 0 }), [], "without any");
      await store.broker.publish([message("late")]);
      const next = await reserve(store, { limited: 0 });
      expectEqual(ids(next), ["late"], "what came later");
      const rest = await reserve(store, { limited: 5 });
      expectEqual(rest.length, 2, "how many of those with limits were left");
    },
  },
  {
    name: "a large batch with limits",
    async run({ store }) {
      await store.broker.publish(
        Array.from(
          { length: 3_000 },
          (_, at) => limited(`m${at}`, slots(`k${at % 3}`, 1_000)),
        ),
      );
      const held = await reserve(store, { limit: 2_500 });
      expectEqual(held.length, 2_500, "how many were leased");
      const rest = await reserve(store, { limit: 2_500 });
      expectEqual(rest.length, 500, "how many were left");
      const all = [...held, ...rest].map((one) => settlement(one));
      const answers = await store.broker.settle("c1", all);
      expectEqual(answers.every((held) => held), true, "every answer");
      const [state] = await store.inspector.limits([slots("k1", 1)]);
      expectEqual(state?.taken, 0, "what is taken");
    },
  },
];
