/**
 * What every broker promises of unique keys.
 *
 * @module
 */

import type { SettleAction, Store } from "../../contracts/mod.ts";
import { expectEqual } from "./expect.ts";
import {
  cancellation,
  consumer,
  ids,
  limited,
  message,
  record,
  reserve,
  reserveOne,
  settlement,
  slots,
  unique,
} from "./fixtures.ts";
import type { ConformanceCase } from "./harness.ts";

const RELEASE = { kind: "release" } as const;
const DEAD = { kind: "dead", reason: "Error", detail: "died" } as const;

async function holder(store: Store, key = "k"): Promise<string | undefined> {
  const [id] = await store.broker.holders([key]);
  return id;
}

/** The cases of unique keys. */
export const uniqueCases: readonly ConformanceCase[] = [
  {
    name: "a message whose key another one has is refused while that is live",
    async run({ store, another, clock }) {
      const other = await another();
      const eta = clock.now() + 1_000;
      const a = { ...unique("a", "k"), eta };
      expectEqual(await store.broker.publish([a]), [true], "the first");
      const b = unique("b", "k");
      expectEqual(await other.broker.publish([b]), [false], "scheduled");
      clock.advance(1_000);
      expectEqual(await other.broker.publish([b]), [false], "due");
      const held = await reserveOne(store);
      expectEqual(await other.broker.publish([b]), [false], "leased");
      await store.broker.settle("c1", [settlement(held)]);
      expectEqual(await other.broker.publish([b]), [true], "ended");
      expectEqual(ids(await reserve(store)), ["b"], "what came of it");
    },
  },
  {
    name: "refused messages change nothing; others of the batch are added",
    async run({ store }) {
      await store.results.store([record("b"), record("c")]);
      await store.broker.publish([unique("a", "k")]);
      const batch = [unique("b", "k"), unique("c", "other"), message("d")];
      const answer = await store.broker.publish(batch);
      expectEqual(answer, [false, true, true], "the answer");
      expectEqual(await store.inspector.find(["b"]), [undefined], "it");
      const known = await store.results.fetch(["b"]);
      expectEqual(known, [record("b")], "what was known of it");
      expectEqual(ids(await reserve(store)), ["a", "c", "d"], "delivered");
    },
  },
  {
    name: "of several in a batch with one key the first is added",
    async run({ store }) {
      const batch = [
        unique("a", "k"),
        unique("b", "k"),
        unique("c", "other"),
        unique("a", "other"),
        unique("d", "k"),
        unique("e", "third"),
      ];
      const answer = await store.broker.publish(batch);
      expectEqual(answer, [true, false, true, false, false, true], "answer");
      const keys = ["third", "k", "none", "other", "k"];
      expectEqual(
        await store.broker.holders(keys),
        ["e", "a", undefined, "c", "a"],
        "the holders",
      );
      expectEqual(await store.broker.holders([]), [], "no question");
    },
  },
  {
    name: "an id that is refused as live does not take a key",
    async run({ store }) {
      await store.broker.publish([unique("a", "k")]);
      const again = [unique("a", "k"), unique("a", "free")];
      expectEqual(await store.broker.publish(again), [false, false], "again");
      expectEqual(
        await store.broker.holders(["k", "free"]),
        ["a", undefined],
        "the holders",
      );
      expectEqual(
        await store.broker.publish([unique("b", "free")]),
        [true],
        "",
      );
    },
  },
  {
    name: "of several that publish at once one has the key",
    async run({ store, another }) {
      const stores = [store, await another(), await another()];
      for (let round = 0; round < 10; round++) {
        const answers = await Promise.all(
          stores.map((each, at) =>
            each.broker.publish([unique(`${round}-${at}`, `k${round}`)])
          ),
        );
        const added = answers.flat().indexOf(true);
        expectEqual(answers.flat().filter((one) => one).length, 1, "added");
        const id = `${round}-${added}`;
        expectEqual(await holder(store, `k${round}`), id, "the holder");
      }
    },
  },
  {
    name: "keys may be any text, and messages fresh",
    async run({ store }) {
      const keys = ['a "b" \\ c', "ü:{1}\n🌱", " ", "x".repeat(500), "%s"];
      const batch = keys.map((key, at) => ({
        ...unique(`01900000-0000-7000-8000-00000000000${at}`, key),
        fresh: true,
      }));
      const added = keys.map(() => true);
      expectEqual(await store.broker.publish(batch), added, "added");
      const again = keys.map((key, at) => ({
        ...unique(`01900000-0000-7000-8000-00000000001${at}`, key),
        fresh: true,
      }));
      const refused = keys.map(() => false);
      expectEqual(await store.broker.publish(again), refused, "refused");
      expectEqual(await store.broker.holders(keys), ids(batch), "holders");
    },
  },
  {
    name: "deliveries, live tasks and dead letters tell their keys",
    async run({ store, clock }) {
      const until = clock.now() + 60_000;
      const a = unique("a", "k", { until });
      await store.broker.publish([a]);
      const [live] = await store.inspector.find(["a"]);
      expectEqual(live?.unique, a.unique, "the live task");
      const held = await reserveOne(store);
      expectEqual(held.unique, a.unique, "the delivery");
      await store.broker.settle("c1", [settlement(held, DEAD)]);
      const { items } = await store.deadLetters.list({ limit: 10 });
      expectEqual(items[0]?.unique, a.unique, "the dead letter");
    },
  },
  {
    name: "a key is free once its message is not live, however it ended",
    async run({ store }) {
      const ends: Record<string, () => Promise<unknown>> = {
        acknowledged: async () =>
          store.broker.settle("c1", [settlement(await reserveOne(store))]),
        dead: async () =>
          store.broker.settle("c1", [
            settlement(await reserveOne(store), DEAD),
          ]),
        cancelled: () => store.broker.cancel([cancellation("a")]),
        purged: () => store.broker.purge(["default"]),
      };
      for (const [how, end] of Object.entries(ends)) {
        expectEqual(
          await store.broker.publish([unique("a", "k")]),
          [true],
          how,
        );
        expectEqual(await holder(store), "a", "the holder");
        await end();
        expectEqual(await holder(store), undefined, how);
      }
    },
  },
  {
    name: "a message that goes back to its queue keeps its key",
    async run({ store, clock }) {
      await store.broker.heartbeat(consumer("c1"));
      await store.broker.publish([unique("a", "k")]);
      const requeue = { kind: "requeue", message: unique("a", "k") } as const;
      for (const action of [RELEASE, requeue] as readonly SettleAction[]) {
        const one = await reserveOne(store);
        await store.broker.settle("c1", [settlement(one, action)]);
        expectEqual(await holder(store), "a", action.kind);
      }
      await reserveOne(store);
      clock.advance(10_000);
      await store.broker.reap();
      expectEqual(await holder(store), "a", "reaped");
      await reserveOne(store);
      await store.broker.leave("c1");
      expectEqual(await holder(store), "a", "left");
      expectEqual(await store.broker.publish([unique("b", "k")]), [false], "b");
    },
  },
  {
    name: "a requeued message has the key of the other one",
    async run({ store }) {
      await store.broker.publish([unique("a", "k"), unique("b", "taken")]);
      const keys = ["k", "new", "taken"];
      const next = [
        [unique("a", "new"), [undefined, "a", "b"]],
        [unique("a", "taken"), [undefined, undefined, "b"]],
        [unique("a", "k"), ["a", undefined, "b"]],
        [message("a"), [undefined, undefined, "b"]],
      ] as const;
      for (const [message, holders] of next) {
        const all = await reserve(store);
        await store.broker.settle(
          "c1",
          all.map((one) =>
            settlement(
              one,
              one.id === "a" ? { kind: "requeue", message } : RELEASE,
            )
          ),
        );
        expectEqual(await store.broker.holders(keys), holders, "the holders");
      }
      const all = await reserve(store);
      await store.broker.settle("c1", all.map((one) => settlement(one)));
      const none = [undefined, undefined, undefined];
      expectEqual(await store.broker.holders(keys), none, "in the end");
    },
  },
  {
    name: "a key with a time is not free before, whatever becomes of the rest",
    async run({ store, clock }) {
      const until = clock.now() + 60_000;
      const of = (id: string) => unique(id, id, { until });
      const names = ["acked", "dead", "cancelled", "purged"];
      await store.broker.publish(names.map(of));
      const [acked, dead] = await reserve(store, { limit: 2 });
      if (!acked || !dead) throw new Error("Expected two deliveries");
      await store.broker.settle("c1", [
        settlement(acked),
        settlement(dead, DEAD),
      ]);
      await store.broker.cancel([cancellation("cancelled")]);
      await store.broker.purge(["default"]);
      // What counts queues may forget the one that is empty now.
      expectEqual(await store.inspector.queues(), [], "the queues");
      expectEqual(await store.broker.holders(names), names, "the holders");
      const again = names.map((id) => unique(`${id}2`, id));
      const refused = names.map(() => false);
      clock.advance(59_999);
      expectEqual(await store.broker.publish(again), refused, "before");
      clock.advance(1);
      const none = names.map(() => undefined);
      expectEqual(await store.broker.holders(names), none, "at that time");
      const added = names.map(() => true);
      expectEqual(await store.broker.publish(again), added, "then");
    },
  },
  {
    name: "an id that has a key of an earlier message may have it again",
    async run({ store, clock }) {
      const until = clock.now() + 60_000;
      const a = unique("a", "k", { until });
      await store.broker.publish([a]);
      await store.broker.settle("c1", [settlement(await reserveOne(store))]);
      expectEqual(await store.broker.publish([a]), [true], "the same id");
      expectEqual(await holder(store), "a", "the holder");
      expectEqual(ids(await reserve(store)), ["a"], "what came of it");
    },
  },
  {
    name: "a key whose time has come is free, also while its message is live",
    async run({ store, clock }) {
      const until = clock.now() + 1_000;
      await store.broker.publish([
        unique("a", "k", { until }),
        unique("b", "late", { until: clock.now() }),
      ]);
      expectEqual(await holder(store, "late"), undefined, "one that had come");
      const a = await reserveOne(store);
      clock.advance(1_000);
      expectEqual(await holder(store), undefined, "free");
      expectEqual(await store.broker.publish([unique("c", "k")]), [true], "c");
      await store.broker.settle("c1", [settlement(a)]);
      expectEqual(await holder(store), "c", "after the first has ended");
      const d = unique("d", "k");
      expectEqual(await store.broker.publish([d]), [false], "still taken");
    },
  },
  {
    name: "one that goes back while another has its key does so without it",
    async run({ store, clock }) {
      const until = clock.now() + 1_000;
      await store.broker.publish([unique("a", "k", { until })]);
      const a = await reserveOne(store);
      clock.advance(1_000);
      await store.broker.publish([unique("b", "k")]);
      const next = unique("a", "k");
      await store.broker.settle("c1", [
        settlement(a, { kind: "requeue", message: next }),
      ]);
      const [b, again] = await reserve(store);
      expectEqual([b?.id, again?.id], ["b", "a"], "both");
      if (!again || !b) throw new Error("Expected two deliveries");
      await store.broker.settle("c1", [settlement(again)]);
      expectEqual(await holder(store), "b", "the holder");
      await store.broker.settle("c1", [settlement(b)]);
      expectEqual(await holder(store), undefined, "in the end");
    },
  },
  {
    name: "a dead letter takes its key again, or stays",
    async run({ store }) {
      for (const id of ["a", "b"]) {
        await store.broker.publish([unique(id, id)]);
        const one = await reserveOne(store);
        await store.broker.settle("c1", [settlement(one, DEAD)]);
      }
      await store.broker.publish([unique("other", "a")]);
      expectEqual(await store.deadLetters.redrive(null), 1, "how many went");
      const { items } = await store.deadLetters.list({ limit: 10 });
      expectEqual(ids(items), ["a"], "what stayed");
      expectEqual(
        await store.broker.holders(["a", "b"]),
        ["other", "b"],
        "the holders",
      );
    },
  },
  {
    name: "a firing skips what is like another, and holds what has no room",
    async run({ store }) {
      const one = slots("k", 1);
      await store.broker.publish([
        { ...unique("holder", "k"), limits: [one] },
      ]);
      await reserveOne(store);
      await store.scheduler.put([{ name: "e", body: "{}", dueAt: 1_000 }]);
      const [entry] = await store.scheduler.fetch(["e"]);
      const messages = [unique("skipped", "k"), limited("held", one)];
      const fired = await store.scheduler.fire([{
        name: "e",
        revision: entry?.revision ?? 0,
        ...{ dueAt: 1_000, nextAt: 2_000, state: "fired", messages },
      }]);
      expectEqual(fired, [true], "the answer");
      const found = await store.inspector.find(["skipped", "held"]);
      const where = found.map((each) => each?.status);
      expectEqual(where, [undefined, "queued"], "the messages");
      expectEqual(await reserve(store), [], "no room");
    },
  },
  {
    name: "queues share their keys",
    async run({ store }) {
      if (!store.capabilities.limitsAcrossQueues) return;
      const other = { ...unique("b", "k"), queue: "other" };
      expectEqual(
        await store.broker.publish([unique("a", "k"), other]),
        [true, false],
        "the answer",
      );
    },
  },
];
