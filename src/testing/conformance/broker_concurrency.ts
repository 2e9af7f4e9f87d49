/**
 * What every broker promises of limits on how many are leased at a time.
 *
 * @module
 */

import type { SettleAction } from "../../contracts/mod.ts";
import { expectEqual } from "./expect.ts";
import {
  consumer,
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

const RELEASE = { kind: "release" } as const;
const again = limited("a", ONE);

/** How a lease may end, and whom the room goes to: `b` waits behind `a`. */
const ends: readonly (readonly [SettleAction, string])[] = [
  [{ kind: "ack" }, "b"],
  [{ kind: "dead", reason: "Error", detail: "died" }, "b"],
  [RELEASE, "a"],
  [{ kind: "release", lost: true }, "a"],
  [{ kind: "requeue", message: again }, "b"],
];

/** The cases of concurrency limits. */
export const concurrencyCases: readonly ConformanceCase[] = [
  {
    name: "no more are leased at a time than a limit says, by all together",
    async run({ store, another }) {
      const other = await another();
      const two = slots("k", 2);
      await publishLimited(store, ["a", "b", "c"], two);
      const [a, b] = await reserve(store);
      expectEqual([a?.id, b?.id], ["a", "b"], "the first");
      expectEqual(await reserve(other, { consumer: "c2" }), [], "no room");
      if (!a) throw new Error("Expected a delivery");
      await store.broker.settle("c1", [settlement(a)]);
      const rest = await reserve(other, { consumer: "c2" });
      expectEqual(ids(rest), ["c"], "then");
    },
  },
  {
    name: "room comes back when a lease ends, however it ends",
    async run({ store }) {
      for (const [action, next] of ends) {
        await store.broker.publish([again, limited("b", ONE)]);
        const a = await reserveOne(store);
        expectEqual(await reserve(store), [], `before ${action.kind}`);
        await store.broker.settle("c1", [settlement(a, action)]);
        expectEqual(ids(await reserve(store)), [next], `after ${action.kind}`);
        await store.broker.leave("c1");
        await store.broker.purge(["default"]);
      }
    },
  },
  {
    name: "room comes back when a consumer leaves or is reaped",
    async run({ store, clock }) {
      await store.broker.publish([again, limited("b", ONE)]);
      await store.broker.heartbeat(consumer("c1"));
      await reserveOne(store);
      await store.broker.heartbeat(consumer("c2"));
      clock.advance(9_000);
      await store.broker.heartbeat(consumer("c2"));
      expectEqual(await reserve(store, { consumer: "c2" }), [], "held");
      clock.advance(1_000);
      await store.broker.reap();
      const lost = await reserve(store, { consumer: "c2" });
      expectEqual(lost.map((one) => [one.id, one.losses]), [["a", 1]], "lost");
      await store.broker.leave("c2");
      expectEqual(ids(await reserve(store)), ["a"], "left");
    },
  },
  {
    name: "a stale settlement gives no room",
    async run({ store }) {
      await store.broker.publish([again, limited("b", ONE)]);
      const a = await reserveOne(store);
      const stale = { ...settlement(a), token: a.token + 1 };
      await store.broker.settle("c1", [stale, { ...stale, id: "b" }]);
      await store.broker.settle("c2", [settlement(a)]);
      expectEqual(await reserve(store), [], "room");
      await store.broker.settle("c1", [settlement(a), settlement(a)]);
      expectEqual(ids(await reserve(store)), ["b"], "room for one");
    },
  },
  {
    name: "what is requeued for later takes no room until then",
    async run({ store, clock }) {
      await store.broker.publish([again, limited("b", ONE)]);
      const a = await reserveOne(store);
      const later = { ...again, eta: clock.now() + 1_000 };
      const action = { kind: "requeue", message: later } as const;
      await store.broker.settle("c1", [settlement(a, action)]);
      const b = await reserveOne(store);
      expectEqual(b.id, "b", "meanwhile");
      clock.advance(1_000);
      expectEqual(await reserve(store), [], "due, but without room");
      await store.broker.settle("c1", [settlement(b)]);
      expectEqual(ids(await reserve(store)), ["a"], "then");
    },
  },
  {
    name: "a requeued message has the limits of the other one",
    async run({ store }) {
      await store.broker.publish([
        message("plain"),
        limited("a", slots("x", 1)),
      ]);
      const held = await reserve(store);
      const next = new Map([
        ["plain", limited("plain", slots("y", 1))],
        ["a", limited("a", slots("y", 1))],
      ]);
      await store.broker.settle(
        "c1",
        held.map((one) =>
          settlement(one, {
            kind: "requeue",
            message: next.get(one.id) ?? message(one.id),
          })
        ),
      );
      const first = await reserveOne(store, { limit: 100 });
      expectEqual(await reserve(store), [], "both share a limit now");
      const bare = message(first.id);
      await store.broker.settle("c1", [
        settlement(first, { kind: "requeue", message: bare }),
      ]);
      const both = ids(await reserve(store)).sort();
      expectEqual(both, ["a", "plain"], "one of them has none now");
    },
  },
  {
    name: "the message to be leased says how much room there is",
    async run({ store }) {
      const batch = [[1, "a"], [2, "b"], [2, "c"], [1, "d"], [3, "e"]] as const;
      await store.broker.publish(
        batch.map(([most, id]) => limited(id, slots("k", most))),
      );
      const [a, b] = await reserve(store);
      if (!a || !b) throw new Error("Expected two deliveries");
      expectEqual([a.id, b.id], ["a", "b"], "with more room");
      await store.broker.settle("c1", [settlement(a)]);
      const [c] = await reserve(store);
      if (!c) throw new Error("Expected a delivery");
      expectEqual(c.id, "c", "with the same room");
      await store.broker.settle("c1", [settlement(b)]);
      expectEqual(await reserve(store), [], "with less room");
      await store.broker.settle("c1", [settlement(c)]);
      expectEqual(ids(await reserve(store)), ["d", "e"], "with all of it");
    },
  },
  {
    name: "limits of one key that differ in room do not hold up one another",
    async run({ store }) {
      const wide = (id: string) => limited(id, slots("k", 3), slots(id, 1));
      await store.broker.publish([limited("a", slots("k", 2))]);
      await reserve(store);
      await store.broker.publish([limited("b", slots("k", 1)), wide("c")]);
      expectEqual(ids(await reserve(store)), ["c"], "what has room");
    },
  },
  {
    name: "all limits of a message must have room",
    async run({ store }) {
      const [x, y, z] = ["x", "y", "z"].map((key) => slots(key, 1));
      if (!x || !y || !z) throw new Error("Expected three limits");
      await store.broker.publish([limited("a", x, y)]);
      const a = await reserveOne(store);
      const batch = [limited("b", x), limited("c", y), limited("d", z)];
      await store.broker.publish(batch);
      expectEqual(ids(await reserve(store)), ["d"], "what has room");
      await store.broker.settle("c1", [settlement(a)]);
      const [b, c] = (await reserve(store)).toSorted((one, two) =>
        one.id < two.id ? -1 : 1
      );
      expectEqual([b?.id, c?.id], ["b", "c"], "one of each");
      if (!b || !c) throw new Error("Expected two deliveries");
      await store.broker.publish([limited("e", y, x)]);
      await store.broker.settle("c1", [settlement(b)]);
      expectEqual(await reserve(store), [], "with one of two");
      await store.broker.settle("c1", [settlement(c)]);
      expectEqual(ids(await reserve(store)), ["e"], "with both");
    },
  },
  {
    name: "what lacks room somewhere takes none elsewhere",
    async run({ store }) {
      const full = slots("full", 1);
      await store.broker.publish([limited("holder", full)]);
      await reserve(store);
      await store.broker.publish([
        limited("a", slots("x", 1), rate("r", 1), full),
      ]);
      expectEqual(await reserve(store), [], "without room");
      await store.broker.publish([
        limited("b", slots("x", 1)),
        limited("c", rate("r", 1)),
      ]);
      expectEqual(ids(await reserve(store)).sort(), ["b", "c"], "others");
    },
  },
  {
    name: "keys of rates and of concurrencies are apart, and may be any text",
    async run({ store }) {
      const keys = ["k", 'a "b" \\ c', "ü:{1}\n🌱", "k ", "x".repeat(500)];
      await store.broker.publish(keys.flatMap((key, at) => [
        limited(`one${at}`, slots(key, 1)),
        limited(`rate${at}`, rate(key, 1)),
        limited(`two${at}`, slots(key, 1)),
      ]));
      const expected = keys.flatMap((_, at) => [`one${at}`, `rate${at}`]);
      expectEqual(ids(await reserve(store)).sort(), expected.sort(), "taken");
    },
  },
  {
    name: "queues share the limits that they name",
    async run({ store }) {
      if (!store.capabilities.limitsAcrossQueues) return;
      const other = { ...limited("b", ONE), queue: "other" };
      await store.broker.publish([again]);
      const a = await reserveOne(store);
      await store.broker.publish([other]);
      const queues = ["default", "other"];
      expectEqual(await reserve(store, { queues }), [], "no room");
      await store.broker.settle("c1", [settlement(a)]);
      const rest = await reserve(store, { queues: ["other"] });
      expectEqual(ids(rest), ["b"], "then");
    },
  },
  {
    name: "room that a queue without consumers waits for is left to others",
    async run({ store }) {
      if (!store.capabilities.limitsAcrossQueues) return;
      await store.broker.publish([again]);
      const a = await reserveOne(store);
      await store.broker.publish([
        { ...limited("forsaken", ONE), queue: "forsaken", priority: 0 },
        { ...limited("paused", ONE), queue: "paused", priority: 0 },
        limited("b", ONE),
      ]);
      const queues = ["default", "paused"];
      expectEqual(await reserve(store, { queues }), [], "no room");
      await store.broker.pause(["paused"], true);
      await store.broker.settle("c1", [settlement(a)]);
      expectEqual(ids(await reserve(store, { queues })), ["b"], "then");
    },
  },
];
