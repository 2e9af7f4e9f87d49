/**
 * What every broker promises of waiting for the room that limits give.
 *
 * @module
 */

import { expectEqual } from "./expect.ts";
import {
  cancellation,
  consumer,
  ids,
  letWait,
  limited,
  message,
  ONE,
  publishLimited,
  rate,
  reserve,
  reserveOne,
  settlement,
  slots,
  soon,
  startWaiting,
} from "./fixtures.ts";
import type { ConformanceCase } from "./harness.ts";

/** The cases of waiting for room. */
export const roomCases: readonly ConformanceCase[] = [
  {
    name: "a message that has room ends the wait",
    async run({ store, another }) {
      const other = await another();
      await store.broker.publish([limited("a", ONE), limited("b", ONE)]);
      await reserve(store);
      const waited = await startWaiting(other);
      await store.broker.publish([limited("c", slots("other", 1))]);
      expectEqual(ids(await waited()), ["c"], "the answer");
    },
  },
  {
    name: "the end of a lease ends the wait of what it held back",
    async run({ store, another }) {
      const other = await another();
      await store.broker.publish([limited("a", ONE), limited("b", ONE)]);
      const a = await reserveOne(store);
      const waited = await startWaiting(other);
      await store.broker.settle("c1", [settlement(a)]);
      expectEqual(ids(await waited()), ["b"], "the answer");
    },
  },
  {
    name: "a retry for later gives its room to who waits",
    async run({ store, clock, another }) {
      const other = await another();
      await store.broker.publish([limited("a", ONE), limited("b", ONE)]);
      const a = await reserveOne(store);
      const waited = await startWaiting(other);
      const later = { ...limited("a", ONE), eta: clock.now() + 60_000 };
      await store.broker.settle("c1", [
        settlement(a, { kind: "requeue", message: later }),
      ]);
      expectEqual(ids(await waited()), ["b"], "the answer");
    },
  },
  {
    name: "a consumer that is gone gives its room to who waits",
    async run({ store, clock, another }) {
      const other = await another();
      const batch = [{ ...limited("a", ONE), priority: 9 }, limited("b", ONE)];
      await store.broker.publish(batch.slice(0, 1));
      await store.broker.heartbeat(consumer("c1"));
      await reserve(store);
      await store.broker.publish(batch.slice(1));
      let waited = await startWaiting(other);
      clock.advance(10_000);
      await store.broker.reap();
      expectEqual(ids(await waited()), ["b"], "after a loss");
      waited = await startWaiting(other);
      await store.broker.leave("waiter");
      expectEqual(ids(await waited()), ["b"], "after it left");
    },
  },
  {
    name: "the time at which a rate has room ends the wait",
    async run({ store, clock }) {
      await store.broker.publish([
        limited("a", rate("k", 1)),
        limited("b", rate("k", 1)),
      ]);
      await reserveOne(store);
      const waited = await startWaiting(store);
      clock.advance(1_012);
      expectEqual(ids(await waited()), ["b"], "the answer");
    },
  },
  {
    name: "a rate that holds back what comes later ends the wait, too",
    async run({ store, clock, another }) {
      const other = await another();
      await store.broker.publish([limited("a", rate("k", 1))]);
      await reserveOne(store);
      const waited = await startWaiting(other);
      await store.broker.publish([limited("b", rate("k", 1))]);
      await letWait();
      await letWait();
      clock.advance(1_012);
      expectEqual(ids(await waited()), ["b"], "the answer");
    },
  },
  {
    name: "of two that wait, one gets the room, the other the next",
    async run({ store, another }) {
      const other = await another();
      await publishLimited(store, ["a", "b", "c"], ONE);
      const a = await reserveOne(store);
      const waiting = [store, other].map(async (each, at) => {
        const name = `w${at}`;
        const taken = await reserve(each, { consumer: name, wait: true });
        return [name, ...taken] as const;
      });
      await letWait();
      await store.broker.settle("c1", [settlement(a)]);
      const [name, b] = await soon("the first", Promise.race(waiting));
      expectEqual(b?.id, "b", "the first");
      if (!b) throw new Error("Expected a delivery");
      await letWait();
      await store.broker.settle(name, [settlement(b)]);
      const all = await soon("both", Promise.all(waiting));
      const taken = all.map(([, one]) => one?.id).sort();
      expectEqual(taken, ["b", "c"], "both");
    },
  },
  {
    name: "room that one queue gives ends the wait at another",
    async run({ store, another }) {
      if (!store.capabilities.limitsAcrossQueues) return;
      const other = await another();
      await store.broker.publish([limited("a", ONE)]);
      const a = await reserveOne(store);
      await store.broker.publish([{ ...limited("b", ONE), queue: "other" }]);
      const waited = await startWaiting(other, ["other"]);
      await store.broker.settle("c1", [settlement(a)]);
      expectEqual(ids(await waited()), ["b"], "the answer");
    },
  },
  {
    name: "a cancelled message that was held back ends the wait",
    async run({ store, another }) {
      const other = await another();
      await store.broker.publish([limited("a", ONE), limited("b", ONE)]);
      await reserveOne(store);
      const waited = await startWaiting(other);
      await store.broker.cancel([cancellation("b", { keep: true })]);
      const [b] = await waited();
      expectEqual([b?.id, b?.cancelled], ["b", true], "the answer");
    },
  },
  {
    name: "who asks for none with limits waits for what has none",
    async run({ store }) {
      const answer = reserve(store, { wait: true, limited: 0 });
      await letWait();
      await store.broker.publish([limited("a", ONE)]);
      await letWait();
      await store.broker.publish([message("b")]);
      expectEqual(ids(await soon("work", answer)), ["b"], "the answer");
      expectEqual(ids(await reserve(store)), ["a"], "what is left");
    },
  },
];
