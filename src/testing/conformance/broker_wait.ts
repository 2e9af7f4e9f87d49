/**
 * What `reserve` promises about waiting.
 *
 * @module
 */

import { expectEqual } from "./expect.ts";
import {
  consumer,
  deliver,
  ids,
  letWait,
  message,
  reserve,
  reserveOne,
  settlement,
  soon,
  startWaiting,
} from "./fixtures.ts";
import type { ConformanceCase } from "./harness.ts";

/** The cases of waiting. */
export const waitCases: readonly ConformanceCase[] = [
  {
    name: "a call with work there does not wait",
    async run({ store }) {
      await store.broker.publish([message("a")]);
      const answer = await soon("work", reserve(store, { wait: true }));
      expectEqual(ids(answer), ["a"], "the answer");
    },
  },
  {
    name: "a publication ends the wait",
    async run({ store }) {
      const waited = await startWaiting(store);
      await store.broker.publish([message("a")]);
      expectEqual(ids(await waited()), ["a"], "the answer");
    },
  },
  {
    name: "a publication from another store over the same data ends the wait",
    async run({ store, another }) {
      const other = await another();
      const waited = await startWaiting(store);
      await other.broker.publish([message("a")]);
      expectEqual(ids(await waited()), ["a"], "the answer");
    },
  },
  {
    name: "a publication to another queue does not",
    async run({ store }) {
      const waited = await startWaiting(store, ["mine"]);
      await store.broker.publish([message("a", { queue: "yours" })]);
      await letWait();
      await store.broker.publish([message("b", { queue: "mine" })]);
      expectEqual(ids(await waited()), ["b"], "the answer");
    },
  },
  {
    name: "a time that comes ends the wait",
    async run({ store, clock }) {
      const eta = clock.now() + 60_000;
      await store.broker.publish([message("a", { eta })]);
      const waited = await startWaiting(store);
      clock.advance(60_000);
      expectEqual(ids(await waited()), ["a"], "the answer");
    },
  },
  {
    name: "an earlier time that is published meanwhile counts",
    async run({ store, clock, another }) {
      const other = await another();
      const now = clock.now();
      await store.broker.publish([message("late", { eta: now + 3_600_000 })]);
      const waited = await startWaiting(store);
      await other.broker.publish([message("early", { eta: now + 1_000 })]);
      await letWait();
      await letWait();
      clock.advance(1_000);
      expectEqual(ids(await waited()), ["early"], "the answer");
    },
  },
  {
    name: "a release, a retry and a successor end the wait",
    async run({ store }) {
      const one = await deliver(store, "a");
      let waited = await startWaiting(store);
      await store.broker.settle("c1", [settlement(one, { kind: "release" })]);
      const [released] = await waited();
      expectEqual(released?.id, "a", "what was released");
      waited = await startWaiting(store);
      await store.broker.settle("waiter", [
        settlement(one, { kind: "requeue", message: message("a") }),
        {
          id: "a",
          token: released?.token ?? 0,
          action: { kind: "requeue", message: message("a") },
        },
      ]);
      const [retried] = await waited();
      expectEqual(retried?.id, "a", "what was retried");
      waited = await startWaiting(store);
      await store.broker.settle("waiter", [{
        id: "a",
        token: retried?.token ?? 0,
        action: { kind: "ack" },
        publish: [message("b")],
      }]);
      expectEqual(ids(await waited()), ["b"], "the successor");
    },
  },
  {
    name: "leaving and reaping end the wait",
    async run({ store, clock }) {
      await store.broker.heartbeat(consumer("c1"));
      await deliver(store, "a");
      let waited = await startWaiting(store);
      await store.broker.leave("c1");
      expectEqual(ids(await waited()), ["a"], "what was left");
      await store.broker.heartbeat(consumer("waiter"));
      clock.advance(10_000);
      waited = await startWaiting(store);
      await store.broker.reap();
      expectEqual(ids(await waited()), ["a"], "what was reaped");
    },
  },
  {
    name: "a redriven dead letter ends the wait",
    async run({ store }) {
      const one = await deliver(store, "a");
      const dead = { kind: "dead", reason: "Error", detail: "it" } as const;
      await store.broker.settle("c1", [settlement(one, dead)]);
      const waited = await startWaiting(store);
      await store.deadLetters.redrive(null);
      expectEqual(ids(await waited()), ["a"], "the answer");
    },
  },
  {
    name: "the signal ends the wait, empty-handed",
    async run({ store }) {
      const control = new AbortController();
      const { signal } = control;
      const answer = reserve(store, { wait: true, signal });
      await letWait();
      control.abort();
      expectEqual(await soon("the end", answer), [], "the answer");
      await store.broker.publish([message("a")]);
      expectEqual(ids(await reserve(store)), ["a"], "what is still there");
    },
  },
  {
    name: "closing the store ends the wait, empty-handed",
    async run({ another }) {
      const other = await another();
      const waited = await startWaiting(other);
      await other.close();
      expectEqual(await waited(), [], "the answer");
    },
  },
  {
    name: "of two that wait each message goes to one",
    async run({ store, another }) {
      const other = await another();
      const answers = [
        reserve(store, { consumer: "w1", wait: true, limit: 1 }),
        reserve(other, { consumer: "w2", wait: true, limit: 1 }),
      ];
      await letWait();
      await store.broker.publish([message("a"), message("b")]);
      const all = await soon("both", Promise.all(answers));
      expectEqual(ids(all.flat()).sort(), ["a", "b"], "the answers");
    },
  },
  {
    name: "a wait can follow a wait",
    async run({ store, another }) {
      const other = await another();
      for (const id of ["a", "b", "c"]) {
        const waited = await startWaiting(store);
        await other.broker.publish([message(id)]);
        const [delivery] = await waited();
        expectEqual(delivery?.id, id, "the answer");
      }
      expectEqual((await reserve(store)).length, 0, "what is left");
      await store.broker.publish([message("d")]);
      expectEqual((await reserveOne(store)).id, "d", "without a wait");
    },
  },
];
