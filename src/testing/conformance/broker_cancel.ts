/**
 * What `cancel` and `purge` promise.
 *
 * @module
 */

import { expectEqual } from "./expect.ts";
import {
  cancellation,
  consumer,
  deliver,
  ids,
  message,
  record,
  reserve,
  reserveOne,
  settlement,
} from "./fixtures.ts";
import type { ConformanceCase } from "./harness.ts";

const RELEASE = { kind: "release" } as const;

/** The cases of `cancel` and `purge`. */
export const cancelCases: readonly ConformanceCase[] = [
  {
    name: "what waits is removed, queued or scheduled",
    async run({ store, clock }) {
      const eta = clock.now() + 1_000;
      await store.broker.publish([message("a"), message("b", { eta })]);
      const batch = [cancellation("a"), cancellation("b")];
      const outcomes = await store.broker.cancel(batch);
      expectEqual(outcomes, ["removed", "removed"], "the outcomes");
      clock.advance(1_000);
      expectEqual(await reserve(store), [], "what is left");
      expectEqual(await store.broker.publish([message("a")]), [true], "again");
      expectEqual((await reserveOne(store)).cancelled, false, "the new one");
    },
  },
  {
    name: "what is removed gets its result in the same step",
    async run({ store }) {
      if (!store.capabilities.atomicSettlement) return;
      const result = record("a", { state: "REVOKED" });
      await store.broker.publish([message("a"), message("b")]);
      await reserve(store, { limit: 1 });
      const batch = [
        cancellation("b", { result: record("b", { state: "REVOKED" }) }),
        cancellation("a", { result }),
      ];
      const outcomes = await store.broker.cancel(batch);
      expectEqual(outcomes, ["removed", "running"], "the outcomes");
      const [a, b] = await store.results.fetch(["a", "b"]);
      expectEqual([a, b?.state], [undefined, "REVOKED"], "the results");
    },
  },
  {
    name: "what runs is reported to its holder by the heartbeat",
    async run({ store }) {
      await store.broker.heartbeat(consumer("c1"));
      await store.broker.publish(["a", "b", "c"].map((id) => message(id)));
      const held = await reserve(store);
      const batch = [cancellation("a"), cancellation("b", { terminate: true })];
      const outcomes = await store.broker.cancel(batch);
      expectEqual(outcomes, ["running", "running"], "the outcomes");
      const beat = async () =>
        (await store.broker.heartbeat(consumer("c1"))).cancellations
          .toSorted((one, two) => one.id < two.id ? -1 : 1);
      const expected = [
        { id: "a", terminate: false },
        { id: "b", terminate: true },
      ];
      expectEqual(await beat(), expected, "the cancellations");
      await store.broker.settle("c1", held.map((one) => settlement(one)));
      expectEqual(await beat(), [], "after the end");
    },
  },
  {
    name: "a cancellation can become one by force, not the other way round",
    async run({ store }) {
      await store.broker.heartbeat(consumer("c1"));
      await deliver(store, "a");
      for (const terminate of [false, true, false]) {
        await store.broker.cancel([cancellation("a", { terminate })]);
      }
      const { cancellations } = await store.broker.heartbeat(consumer("c1"));
      expectEqual(cancellations, [{ id: "a", terminate: true }], "it");
    },
  },
  {
    name: "a cancelled task that comes back is cancelled",
    async run({ store, clock }) {
      await store.broker.heartbeat(consumer("c1"));
      await store.broker.publish(["a", "b", "c"].map((id) => message(id)));
      const [a, b] = await reserve(store);
      if (!a || !b) throw new Error("Expected deliveries");
      await store.broker.cancel(["a", "b", "c"].map((id) => cancellation(id)));
      await store.broker.settle("c1", [
        settlement(a, RELEASE),
        settlement(b, { kind: "requeue", message: message("b") }),
      ]);
      clock.advance(10_000);
      await store.broker.reap();
      const again = await reserve(store, { consumer: "c2" });
      expectEqual(ids(again).sort(), ["a", "b", "c"], "what came back");
      const flags = again.map((one) => one.cancelled);
      expectEqual(flags, [true, true, true], "whether they are cancelled");
    },
  },
  {
    name: "what is not known is remembered, and arrives cancelled",
    async run({ store, clock }) {
      const rememberUntil = clock.now() + 60_000;
      const batch = [cancellation("a", { rememberUntil })];
      expectEqual(await store.broker.cancel(batch), ["unknown"], "outcome");
      clock.advance(59_999);
      await store.broker.publish([message("a"), message("b")]);
      const flags = (await reserve(store)).map((one) => one.cancelled);
      expectEqual(flags, [true, false], "whether they are cancelled");
    },
  },
  {
    name: "what is not known is remembered as long as asked, no longer",
    async run({ store, clock }) {
      const rememberUntil = clock.now() + 60_000;
      await store.broker.cancel([cancellation("a", { rememberUntil })]);
      clock.advance(60_000);
      await store.broker.publish([message("a")]);
      expectEqual((await reserveOne(store)).cancelled, false, "cancelled");
    },
  },
  {
    name: "the answer has the order of the request",
    async run({ store }) {
      await store.broker.publish([message("running"), message("queued")]);
      await reserve(store, { limit: 1 });
      const order = ["none", "queued", "running", "queued"];
      const outcomes = await store.broker.cancel(
        order.map((id) => cancellation(id)),
      );
      const expected = ["unknown", "removed", "running", "unknown"];
      expectEqual(outcomes, expected, "the outcomes");
    },
  },
  {
    name: "a purge drops what waits, and counts it",
    async run({ store, clock }) {
      const eta = clock.now() + 1_000;
      await store.broker.publish([
        message("held"),
        message("queued"),
        message("scheduled", { eta }),
        message("other", { queue: "other" }),
        message("kept", { queue: "kept" }),
      ]);
      await reserve(store, { limit: 1 });
      const queues = ["default", "other", "none"];
      expectEqual(await store.broker.purge(queues), 3, "how many");
      const paused = false;
      expectEqual(await store.inspector.queues(), [
        { queue: "default", queued: 0, scheduled: 0, running: 1, paused },
        { queue: "kept", queued: 1, scheduled: 0, running: 0, paused },
      ], "what is left");
    },
  },
  {
    name: "a large purge",
    async run({ store }) {
      for (let part = 0; part < 5; part++) {
        const batch = Array.from(
          { length: 1_000 },
          (_, at) => message(`m${part}-${at}`),
        );
        await store.broker.publish(batch);
      }
      expectEqual(await store.broker.purge(["default"]), 5_000, "how many");
      expectEqual(await reserve(store), [], "what is left");
    },
  },
];
