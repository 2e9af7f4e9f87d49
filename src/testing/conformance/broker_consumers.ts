/**
 * What a broker promises about consumers and their leases.
 *
 * @module
 */

import { expectEqual } from "./expect.ts";
import {
  consumer,
  deliver,
  ids,
  message,
  reserve,
  reserveOne,
  settlement,
} from "./fixtures.ts";
import type { ConformanceCase } from "./harness.ts";

/** The cases of `heartbeat`, `leave` and `reap`. */
export const consumerCases: readonly ConformanceCase[] = [
  {
    name: "the first heartbeat is unknown, the next are known",
    async run({ store }) {
      const beat = () => store.broker.heartbeat(consumer("c1"));
      const first = { known: false, cancellations: [] };
      expectEqual(await beat(), first, "the first answer");
      const next = { known: true, cancellations: [] };
      expectEqual(await beat(), next, "the second answer");
    },
  },
  {
    name: "a consumer that is heard keeps its leases",
    async run({ store, clock }) {
      await store.broker.heartbeat(consumer("c1"));
      const one = await deliver(store, "a");
      for (let n = 0; n < 5; n++) {
        clock.advance(9_000);
        await store.broker.heartbeat(consumer("c1"));
        expectEqual(await store.broker.reap(), [], "what was reaped");
      }
      expectEqual(
        await store.broker.settle("c1", [settlement(one)]),
        [true],
        "",
      );
    },
  },
  {
    name: "a silent consumer is reaped after its lease, with a loss",
    async run({ store, clock }) {
      await store.broker.heartbeat(consumer("c1"));
      await store.broker.heartbeat(consumer("c2", { lease: 60_000 }));
      await store.broker.publish(["a", "b", "c"].map((id) => message(id)));
      await reserve(store, { limit: 2 });
      await reserve(store, { limit: 1, consumer: "c2" });
      clock.advance(9_999);
      expectEqual(await store.broker.reap(), [], "before the end of the lease");
      clock.advance(1);
      const reaped = await store.broker.reap();
      expectEqual(reaped.map(({ id, name }) => [id, name]), [
        ["c1", "c1@tests"],
      ], "the consumer");
      expectEqual(reaped[0]?.returned.toSorted(), ["a", "b"], "what went back");
      const again = await reserve(store, { consumer: "c3" });
      expectEqual(ids(again), ["a", "b"], "what is served again");
      expectEqual(again.map((one) => one.losses), [1, 1], "the losses");
    },
  },
  {
    name: "losses add up and stay through a release",
    async run({ store, clock }) {
      await store.broker.publish([message("a")]);
      for (const losses of [0, 1, 2]) {
        await store.broker.heartbeat(consumer("c1"));
        const one = await reserveOne(store);
        expectEqual(one.losses, losses, "the losses");
        await store.broker.settle("c1", [settlement(one, { kind: "release" })]);
        expectEqual((await reserveOne(store)).losses, losses, "the same");
        clock.advance(10_000);
        await store.broker.reap();
      }
    },
  },
  {
    name: "what was reaped cannot be settled any more",
    async run({ store, clock }) {
      await store.broker.heartbeat(consumer("c1"));
      const one = await deliver(store, "a");
      clock.advance(10_000);
      await store.broker.reap();
      const stale = await store.broker.settle("c1", [settlement(one)]);
      expectEqual(stale, [false], "the answer");
      expectEqual((await reserveOne(store, { consumer: "c2" })).id, "a", "it");
    },
  },
  {
    name: "a consumer that was reaped is unknown, and can go on",
    async run({ store, clock }) {
      await store.broker.heartbeat(consumer("c1"));
      clock.advance(10_000);
      await store.broker.reap();
      const one = await deliver(store, "a");
      const { known } = await store.broker.heartbeat(consumer("c1"));
      expectEqual(known, false, "known");
      expectEqual(await store.broker.reap(), [], "what was reaped");
      expectEqual(
        await store.broker.settle("c1", [settlement(one)]),
        [true],
        "",
      );
    },
  },
  {
    name: "of several that reap, one gets the consumer",
    async run({ store, another, clock }) {
      const other = await another();
      await store.broker.heartbeat(consumer("c1"));
      await deliver(store, "a");
      clock.advance(10_000);
      const both = await Promise.all([
        store.broker.reap(),
        other.broker.reap(),
      ]);
      expectEqual(both.flat().length, 1, "how many were reaped");
      expectEqual(await store.broker.reap(), [], "what is left to reap");
    },
  },
  {
    name: "who reserves without a heartbeat and is lost loses nothing",
    async run({ store, clock }) {
      await deliver(store, "a");
      clock.advance(3_600_000);
      await store.broker.reap();
      expectEqual((await reserveOne(store, { consumer: "c2" })).id, "a", "it");
    },
  },
  {
    name: "who leaves releases what it holds, without a loss",
    async run({ store }) {
      await store.broker.heartbeat(consumer("c1"));
      await store.broker.publish(["a", "b", "c"].map((id) => message(id)));
      const [first] = await reserve(store, { limit: 2 });
      await store.broker.leave("c1");
      expectEqual(await store.inspector.consumers(), [], "the consumers");
      const again = await reserve(store, { consumer: "c2" });
      expectEqual(ids(again), ["a", "b", "c"], "the order");
      expectEqual(again.map((one) => one.losses), [0, 0, 0], "the losses");
      if (!first) throw new Error("Expected a delivery");
      const stale = await store.broker.settle("c1", [settlement(first)]);
      expectEqual(stale, [false], "the answer to who left");
      await store.broker.leave("never there");
    },
  },
];
