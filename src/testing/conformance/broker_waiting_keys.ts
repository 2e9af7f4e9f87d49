/**
 * What every broker promises of unique keys that say that one waits.
 *
 * @module
 */

import type { Message, SettleAction, Store } from "../../contracts/mod.ts";
import { expectEqual, expectTrue } from "./expect.ts";
import {
  consumer,
  ids,
  message,
  reserve,
  reserveOne,
  settlement,
  unique,
} from "./fixtures.ts";
import type { ConformanceCase } from "./harness.ts";

const RELEASE = { kind: "release" } as const;
const a = waiting("a");
const b = waiting("b");
const c = waiting("c");

/** How a message goes back to its queue. */
const returns: readonly SettleAction[] = [
  RELEASE,
  { kind: "release", lost: true },
  { kind: "requeue", message: a },
];

function waiting(id: string): Message {
  return unique(id, "k", { waiting: true });
}

async function holder(store: Store): Promise<string | undefined> {
  const [id] = await store.broker.holders(["k"]);
  return id;
}

/** The cases of keys that are free while their message is leased. */
export const waitingKeyCases: readonly ConformanceCase[] = [
  {
    name: "a key of one that waits is free while its message is leased",
    async run({ store }) {
      expectEqual(await store.broker.publish([a, b]), [true, false], "first");
      const first = await reserveOne(store);
      expectEqual(await holder(store), undefined, "while it is leased");
      expectEqual(await store.broker.publish([b, c]), [true, false], "then");
      await store.broker.settle("c1", [settlement(first)]);
      expectEqual(await holder(store), "b", "after it has ended");
      expectEqual(await store.broker.publish([c]), [false], "still taken");
      expectEqual(ids(await reserve(store)), ["b"], "the second");
      expectEqual(await store.broker.publish([c]), [true], "in the end");
    },
  },
  {
    name: "a key of one to run later is taken",
    async run({ store, clock }) {
      const later = { ...a, eta: clock.now() + 1_000 };
      expectEqual(await store.broker.publish([later, b]), [true, false], "");
    },
  },
  {
    name: "one that goes back takes its key again",
    async run({ store, clock }) {
      await store.broker.publish([a]);
      for (const action of returns) {
        const one = await reserveOne(store);
        await store.broker.settle("c1", [settlement(one, action)]);
        expectEqual(await holder(store), "a", action.kind);
        expectEqual(await store.broker.publish([b]), [false], action.kind);
      }
      const one = await reserveOne(store);
      const later = { ...a, eta: clock.now() + 1_000 };
      const action = { kind: "requeue", message: later } as const;
      await store.broker.settle("c1", [settlement(one, action)]);
      expectEqual(await holder(store), "a", "for later");
    },
  },
  {
    name: "one that goes back while another has its key does so without it",
    async run({ store }) {
      for (const action of returns) {
        await store.broker.publish([a]);
        const first = await reserveOne(store);
        await store.broker.publish([b]);
        await store.broker.settle("c1", [settlement(first, action)]);
        expectEqual(await holder(store), "b", action.kind);
        const both = await reserve(store);
        expectEqual(ids(both).sort(), ["a", "b"], action.kind);
        expectEqual(await store.broker.publish([c]), [true], "then");
        await store.broker.settle("c1", both.map((one) => settlement(one)));
        expectEqual(await holder(store), "c", "after both have ended");
        await store.broker.purge(["default"]);
      }
    },
  },
  {
    name: "one that came back without its key leaves it alone",
    async run({ store }) {
      await store.broker.publish([a]);
      const first = await reserveOne(store);
      await store.broker.publish([{ ...b, priority: 9 }]);
      await store.broker.settle("c1", [settlement(first, RELEASE)]);
      const again = await reserveOne(store);
      expectEqual([again.id, await holder(store)], ["a", "b"], "leased again");
      await store.broker.settle("c1", [settlement(again)]);
      expectEqual(await holder(store), "b", "ended");
    },
  },
  {
    name: "those whose consumer is gone take it again, one of them",
    async run({ store, clock }) {
      await store.broker.heartbeat(consumer("c1"));
      await store.broker.publish([a]);
      await reserveOne(store);
      await store.broker.publish([b]);
      await reserveOne(store);
      clock.advance(10_000);
      await store.broker.reap();
      const has = await holder(store) ?? "";
      expectTrue(["a", "b"].includes(has), "one of them to have it");
      expectEqual(await store.broker.publish([c]), [false], "taken");
      await reserve(store, { consumer: "c2" });
      expectEqual(await holder(store), undefined, "free again");
      await store.broker.publish([c]);
      await store.broker.leave("c2");
      expectEqual(await holder(store), "c", "who came meanwhile keeps it");
    },
  },
  {
    name: "one that waits is replaced, one that runs is not",
    async run({ store }) {
      await store.broker.publish([a]);
      const first = await reserveOne(store);
      await store.broker.publish([b]);
      const newest = { ...b, body: "newest", replace: true };
      const running = { ...a, body: "newest", replace: true };
      expectEqual(
        await store.broker.publish([newest, running, c]),
        [true, false, false],
        "the answer",
      );
      await store.broker.settle("c1", [settlement(first)]);
      const [next, ...none] = await reserve(store);
      expectEqual([next?.id, next?.body, none], ["b", "newest", []], "next");
    },
  },
  {
    name: "a successor takes it while its predecessor is leased or ended",
    async run({ store }) {
      await store.broker.publish([a]);
      const first = await reserveOne(store);
      const publish = [b, c, message("plain")];
      await store.broker.settle("c1", [
        settlement(first, { kind: "ack" }, { publish }),
      ]);
      expectEqual(ids(await reserve(store)), ["b", "plain"], "what came");
    },
  },
];
