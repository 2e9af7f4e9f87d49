/**
 * What every broker promises of messages that limits hold back: they can be
 * cancelled, purged and paused, and so are those that follow from a settlement.
 *
 * @module
 */

import { expectEqual } from "./expect.ts";
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
export const heldBackCases: readonly ConformanceCase[] = [
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
];
