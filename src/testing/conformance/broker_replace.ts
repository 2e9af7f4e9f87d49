/**
 * What every broker promises of messages that take the place of others.
 *
 * @module
 */

import type { Message, Store } from "../../contracts/mod.ts";
import { expectEqual } from "./expect.ts";
import {
  ids,
  letWait,
  limited,
  message,
  publishLimited,
  reserve,
  reserveOne,
  settlement,
  slots,
  soon,
  unique,
} from "./fixtures.ts";
import type { ConformanceCase } from "./harness.ts";

/** Publishes a message that takes the place of its id. */
function replace(store: Store, one: Message): Promise<readonly boolean[]> {
  return store.broker.publish([{ ...one, replace: true }]);
}

/** The cases of replacements. */
export const replaceCases: readonly ConformanceCase[] = [
  {
    name: "a replacement takes the place of what waits, and arrives anew",
    async run({ store }) {
      await store.broker.publish(["a", "b", "c"].map((id) => message(id)));
      const next = { task: "tests.other", body: "second" };
      expectEqual(await replace(store, message("a", next)), [true], "a");
      const first = message("c", { priority: 0 });
      expectEqual(await replace(store, first), [true], "c");
      const all = await reserve(store);
      expectEqual(ids(all), ["c", "b", "a"], "the order");
      const { task, body } = all[2] ?? {};
      expectEqual({ task, body }, next, "the one that took the place");
      expectEqual(await store.inspector.queues(), [{
        ...{ queue: "default", queued: 0, scheduled: 0, running: 3 },
        paused: false,
      }], "the queues");
    },
  },
  {
    name: "a replacement may come later, at once, or elsewhere",
    async run({ store, clock }) {
      const eta = clock.now() + 1_000;
      await store.broker.publish([
        message("later"),
        message("now", { eta }),
        message("sooner", { eta: eta + 5_000 }),
      ]);
      await replace(store, message("later", { eta }));
      await replace(store, message("now"));
      await replace(store, message("sooner", { eta }));
      expectEqual(ids(await reserve(store)), ["now"], "at once");
      clock.advance(1_000);
      expectEqual(ids(await reserve(store)), ["later", "sooner"], "later");
      if (!store.capabilities.limitsAcrossQueues) return;
      await store.broker.publish([message("moved")]);
      await replace(store, message("moved", { queue: "other" }));
      expectEqual(await reserve(store), [], "here");
      const there = await reserve(store, { queues: ["other"] });
      expectEqual(ids(there), ["moved"], "elsewhere");
    },
  },
  {
    name: "what is leased, and what is not there, is not replaced",
    async run({ store }) {
      await store.broker.publish([message("a")]);
      const a = await reserveOne(store);
      const other = message("a", { body: "second" });
      expectEqual(await replace(store, other), [false], "leased");
      await store.broker.settle("c1", [settlement(a, { kind: "release" })]);
      const again = await reserveOne(store);
      expectEqual(again.body, a.body, "the body that stays");
      await store.broker.settle("c1", [settlement(again)]);
      expectEqual(await replace(store, other), [false], "ended");
      expectEqual(await reserve(store), [], "what is left");
    },
  },
  {
    name: "a replacement has its own key, unless another has that",
    async run({ store }) {
      const keys = ["k", "new", "taken"];
      await store.broker.publish([unique("a", "k"), unique("b", "taken")]);
      const same = unique("a", "k");
      expectEqual(await replace(store, same), [true], "its own key");
      const other = { ...unique("a", "taken"), body: "refused" };
      expectEqual(await replace(store, other), [false], "a key of another");
      expectEqual(
        await store.broker.holders(keys),
        ["a", undefined, "b"],
        "the holders before",
      );
      expectEqual(
        await replace(store, unique("a", "new")),
        [true],
        "a new one",
      );
      const after = [undefined, "a", "b"];
      expectEqual(await store.broker.holders(keys), after, "the holders");
      const bodies = (await reserve(store)).map(({ body }) => body).sort();
      const expected = ["a", "b"].map((id) => message(id).body);
      expectEqual(bodies, expected, "the bodies");
    },
  },
  {
    name: "the key of a replacement is free when that says",
    async run({ store, clock }) {
      const until = clock.now() + 1_000;
      await store.broker.publish([unique("a", "k", { until })]);
      await replace(store, unique("a", "k", { until: until + 1_000 }));
      clock.advance(1_999);
      const b = unique("b", "k");
      expectEqual(await store.broker.publish([b]), [false], "before");
      clock.advance(1);
      expectEqual(await store.broker.publish([b]), [true], "then");
    },
  },
  {
    name: "a replacement has its own limits",
    async run({ store }) {
      const one = slots("k", 1);
      await publishLimited(store, ["a", "b", "c"], one);
      const a = await reserveOne(store);
      expectEqual(await replace(store, message("b")), [true], "b");
      expectEqual(ids(await reserve(store)), ["b"], "what has none now");
      const other = limited("c", slots("other", 1));
      expectEqual(await replace(store, other), [true], "c");
      expectEqual(ids(await reserve(store)), ["c"], "what has others now");
      await store.broker.publish([message("d"), limited("e", one)]);
      expectEqual(await replace(store, limited("d", one)), [true], "d");
      expectEqual(await reserve(store), [], "no room");
      await store.broker.settle("c1", [settlement(a)]);
      expectEqual(ids(await reserve(store)), ["e"], "the first of them");
    },
  },
  {
    name: "a replacement ends the wait",
    async run({ store, another, clock }) {
      const other = await another();
      const eta = clock.now() + 60_000;
      await store.broker.publish([message("a", { eta })]);
      const waiting = reserve(other, { wait: true });
      await letWait();
      await replace(store, message("a"));
      expectEqual(ids(await soon("the message", waiting)), ["a"], "answer");
    },
  },
];
