/**
 * What every broker promises of the order in which messages with limits come,
 * and of what becomes of those that are held back.
 *
 * @module
 */

import type { Delivery } from "../../contracts/mod.ts";
import { expectEqual, expectTrue } from "./expect.ts";
import {
  cancellation,
  ids,
  limited,
  message,
  ONE,
  publishLimited,
  rate,
  reserve,
  reserveOne,
  settlement,
  slots,
} from "./fixtures.ts";
import type { ConformanceCase } from "./harness.ts";

/** The cases of what limits hold back. */
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
    name: "a task to run later waits for its time, then for room",
    async run({ store, clock }) {
      const eta = clock.now() + 1_000;
      await store.broker.publish([limited("a", ONE)]);
      const a = await reserveOne(store);
      await store.broker.publish([{ ...limited("b", ONE), eta }]);
      await store.broker.settle("c1", [settlement(a)]);
      expectEqual(await reserve(store), [], "before its time");
      await store.broker.publish([limited("c", ONE)]);
      const c = await reserveOne(store);
      clock.advance(1_000);
      expectEqual(await reserve(store), [], "without room");
      await store.broker.settle("c1", [settlement(c)]);
      expectEqual(ids(await reserve(store)), ["b"], "then");
    },
  },
  {
    name: "a cancelled message passes all limits and takes no room",
    async run({ store }) {
      const limits = [ONE, rate("r", 1)];
      const names = ["a", "b", "c", "d"];
      await publishLimited(store, names, ...limits);
      const a = await reserveOne(store);
      await store.broker.cancel([cancellation("c", { keep: true })]);
      const [c, ...none] = await reserve(store);
      expectEqual([c?.id, c?.cancelled, none], ["c", true, []], "cancelled");
      await store.broker.cancel([cancellation("a")]);
      if (!c) throw new Error("Expected a delivery");
      await store.broker.settle("c1", [settlement(c)]);
      expectEqual(await reserve(store), [], "no room came from it");
      await store.broker.settle("c1", [settlement(a, { kind: "release" })]);
      const back = await reserve(store);
      expectEqual(ids(back), ["a"], "one that was cancelled while it ran");
      const [state] = await store.inspector.limits([ONE]);
      expectEqual(state?.taken, 0, "what is taken");
    },
  },
  {
    name: "one that was cancelled before it came passes them, too",
    async run({ store }) {
      await store.broker.publish([limited("holder", ONE)]);
      await reserve(store);
      await store.broker.cancel([cancellation("a")]);
      await store.broker.publish([limited("b", ONE), limited("a", ONE)]);
      const taken = await reserve(store);
      expectEqual(
        taken.map(({ id, cancelled }) => [id, cancelled]),
        [["a", true]],
        "taken",
      );
    },
  },
  {
    name: "one that is held back can be taken out",
    async run({ store }) {
      await store.broker.publish([limited("a", ONE)]);
      const a = await reserveOne(store);
      const rest = [
        limited("b", ONE),
        limited("c", ONE),
        limited("d", slots("k", 2)),
        limited("e", ONE),
      ];
      await store.broker.publish(rest);
      expectEqual(await reserve(store), [], "no room");
      const batch = ["c", "b"].map((id) => cancellation(id));
      const outcomes = await store.broker.cancel(batch);
      expectEqual(outcomes, ["removed", "removed"], "the outcomes");
      const d = await reserveOne(store, { limit: 100 });
      expectEqual(d.id, "d", "the first of the rest has room");
      await store.broker.settle("c1", [settlement(a), settlement(d)]);
      expectEqual(ids(await reserve(store)), ["e"], "the last");
    },
  },
  {
    name: "what is held back can be purged",
    async run({ store, clock }) {
      const eta = clock.now() + 1_000;
      await store.broker.publish([limited("a", ONE)]);
      const a = await reserveOne(store);
      await store.broker.publish([
        limited("b", ONE),
        { ...limited("c", ONE), eta },
        limited("d", slots("other", 1)),
        message("e"),
      ]);
      expectEqual(ids(await reserve(store, { limited: 0 })), ["e"], "plain");
      expectEqual(await store.broker.purge(["default"]), 3, "how many");
      await store.broker.settle("c1", [settlement(a)]);
      expectEqual(await reserve(store), [], "what is left");
      await store.broker.publish([limited("f", ONE)]);
      expectEqual(ids(await reserve(store)), ["f"], "what comes then");
    },
  },
  {
    name: "a paused queue keeps what has room",
    async run({ store }) {
      await store.broker.publish([limited("a", ONE), limited("b", ONE)]);
      const a = await reserveOne(store);
      await store.broker.pause(["default"], true);
      await store.broker.settle("c1", [settlement(a)]);
      expectEqual(await reserve(store), [], "while it is paused");
      await store.broker.pause(["default"], false);
      expectEqual(ids(await reserve(store)), ["b"], "then");
    },
  },
  {
    name: "successors, dead letters and fresh messages have limits, too",
    async run({ store }) {
      await store.broker.publish([message("a")]);
      const a = await reserveOne(store);
      const publish = ["b", "c"].map((id) => limited(id, ONE));
      await store.broker.settle("c1", [
        settlement(a, { kind: "ack" }, { publish }),
      ]);
      const b = await reserveOne(store, { limit: 100 });
      const fresh = true;
      const id = "01900000-0000-7000-8000-000000000001";
      await store.broker.publish([{ ...limited(id, ONE), fresh }]);
      expectEqual([b.id, await reserve(store)], ["b", []], "successors");
      await store.broker.settle("c1", [
        settlement(b, { kind: "dead", reason: "Error", detail: "died" }),
      ]);
      const c = await reserveOne(store, { limit: 100 });
      expectEqual(c.id, "c", "after a death");
      expectEqual(await store.deadLetters.redrive(null), 1, "redriven");
      expectEqual(await reserve(store), [], "no room");
      await store.broker.settle("c1", [settlement(c)]);
      const next = await reserveOne(store, { limit: 100 });
      expectEqual(next.id, id, "the fresh one");
      await store.broker.settle("c1", [settlement(next)]);
      expectEqual(ids(await reserve(store)), ["b"], "the redriven one");
    },
  },
  {
    name: "the body of a group has limits, too",
    async run({ store, clock }) {
      await store.broker.publish([limited("holder", ONE)]);
      const holder = await reserveOne(store);
      const body = limited("body", ONE);
      const plan = { id: "g", size: 1, body, expiresAt: clock.now() + 60_000 };
      const ends = [{ group: "g", index: 0, failed: false }];
      if (store.capabilities.atomicSettlement) {
        await store.broker.publish([message("member")], { groups: [plan] });
        const member = await reserveOne(store, { limit: 100 });
        await store.broker.settle("c1", [
          settlement(member, { kind: "ack" }, { ends }),
        ]);
      } else {
        await store.results.openGroups([plan]);
        await store.broker.publish(await store.results.endMembers(ends));
      }
      expectEqual(await reserve(store), [], "no room");
      await store.broker.settle("c1", [settlement(holder)]);
      expectEqual(ids(await reserve(store)), ["body"], "then");
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
