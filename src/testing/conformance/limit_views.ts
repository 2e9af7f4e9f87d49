/**
 * What every store tells of limits and of what they hold back.
 *
 * @module
 */

import { expectEqual, expectTrue } from "./expect.ts";
import {
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

/** The cases of views of limits. */
export const limitViewCases: readonly ConformanceCase[] = [
  {
    name: "a concurrency tells who holds it",
    async run({ store, clock }) {
      const two = slots("k", 2);
      await publishLimited(store, ["a", "b", "c"], two);
      const a = await reserveOne(store);
      let [state] = await store.inspector.limits([two]);
      expectEqual([state?.holders, state?.taken], [["a"], 1], "one");
      const opensAt = state?.opensAt ?? Infinity;
      expectTrue(opensAt <= clock.now(), "a time that has come");
      await reserve(store);
      [state] = await store.inspector.limits([two]);
      expectEqual(state?.holders.toSorted(), ["a", "b"], "the holders");
      expectEqual([state?.taken, state?.opensAt], [2, null], "both");
      await store.broker.settle("c1", [settlement(a)]);
      [state] = await store.inspector.limits([two]);
      expectEqual([state?.holders, state?.taken], [["b"], 1], "the other");
    },
  },
  {
    name: "a rate tells when it has room",
    async run({ store, clock }) {
      const two = rate("k", 2);
      await publishLimited(store, ["a", "b", "c"], two);
      const start = clock.now();
      const a = await reserveOne(store);
      await store.broker.settle("c1", [settlement(a)]);
      let [state] = await store.inspector.limits([two]);
      expectEqual([state?.holders, state?.taken], [[], 1], "one");
      expectTrue((state?.opensAt ?? Infinity) <= clock.now(), "room now");
      clock.advance(100);
      await reserveOne(store);
      [state] = await store.inspector.limits([two]);
      expectEqual([state?.holders, state?.taken], [[], 2], "two");
      const opensAt = state?.opensAt ?? 0;
      expectTrue(opensAt >= start + 1_000, "no time too early");
      expectTrue(opensAt <= start + 1_012, "no time too late");
      clock.advance(opensAt - clock.now());
      [state] = await store.inspector.limits([two]);
      expectEqual(state?.taken, 1, "when that time has come");
      expectEqual(ids(await reserve(store)), ["c"], "what had waited");
    },
  },
  {
    name: "the answer has the order of the question; the unknown have room",
    async run({ store, clock }) {
      await store.broker.publish([limited("a", ONE, rate("r", 1))]);
      await reserve(store);
      const question = [
        slots("none", 1),
        rate("r", 1),
        ONE,
        rate("k", 1),
        slots("k", 2),
      ];
      const answer = await store.inspector.limits(question);
      expectEqual(answer.map(({ taken }) => taken), [0, 1, 1, 0, 1], "taken");
      const now = clock.now();
      const open = answer.map(({ opensAt }) =>
        opensAt === null ? "held" : opensAt > now ? "later" : "open"
      );
      const expected = ["open", "later", "held", "open", "open"];
      expectEqual(open, expected, "whether there is room");
      expectEqual(await store.inspector.limits([]), [], "no question");
    },
  },
  {
    name: "no more than a hundred holders are told",
    async run({ store }) {
      const many = slots("k", 500);
      await store.broker.publish(
        Array.from({ length: 120 }, (_, at) => limited(`m${at}`, many)),
      );
      await reserve(store, { limit: 200 });
      const [state] = await store.inspector.limits([many]);
      expectEqual(state?.holders.length, 100, "the holders");
      expectEqual(state?.taken, 120, "how many");
    },
  },
  {
    name: "what is held back is queued, with its limits",
    async run({ store }) {
      const limits = [ONE, rate("r", 10, 60_000)];
      const names = ["a", "b", "c"];
      await store.broker.publish([
        ...names.map((id) => limited(id, ...limits)),
        message("plain"),
      ]);
      await reserve(store, { limited: 1 });
      await store.broker.publish([message("later")]);
      const [b] = await store.inspector.find(["b"]);
      const rest = { status: "queued", losses: 0, cancelled: false };
      expectEqual(
        b,
        { ...limited("b", ...limits), ...rest, consumer: null },
        "one of them",
      );
      const page = { limit: 10 };
      const queued = await store.inspector.tasks({ status: "queued" }, page);
      expectEqual(ids(queued.items), ["b", "c", "later"], "what is queued");
      const [queue] = await store.inspector.queues();
      expectEqual([queue?.queued, queue?.running], [3, 2], "how many");
    },
  },
  {
    name: "deliveries and dead letters tell their limits",
    async run({ store }) {
      const limits = [ONE, rate("r", 10, 60_000)];
      const a = { ...limited("a", ...limits) };
      await store.broker.publish([a]);
      const held = await reserveOne(store);
      expectEqual(held, {
        ...a,
        token: held.token,
        losses: 0,
        cancelled: false,
      }, "the delivery");
      await store.broker.settle("c1", [
        settlement(held, { kind: "dead", reason: "Error", detail: "died" }),
      ]);
      const { items } = await store.deadLetters.list({ limit: 10 });
      expectEqual(items[0]?.limits, limits, "the dead letter");
    },
  },
];
