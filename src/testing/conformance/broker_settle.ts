/**
 * What `settle` promises.
 *
 * @module
 */

import { expectEqual } from "./expect.ts";
import {
  deliver,
  eventually,
  ids,
  message,
  record,
  reserve,
  reserveOne,
  settlement,
} from "./fixtures.ts";
import type { ConformanceCase } from "./harness.ts";

const RELEASE = { kind: "release" } as const;
const DEAD = { kind: "dead", reason: "DecodeError", detail: "Bad" } as const;

/** The cases of `settle`. */
export const settleCases: readonly ConformanceCase[] = [
  {
    name: "an acknowledged message is gone",
    async run({ store }) {
      const one = await deliver(store, "a");
      expectEqual(
        await store.broker.settle("c1", [settlement(one)]),
        [true],
        "",
      );
      expectEqual(await reserve(store), [], "what is left");
      expectEqual(await store.inspector.find(["a"]), [undefined], "the task");
    },
  },
  {
    name: "a released message goes back to its place, without a loss",
    async run({ store }) {
      await store.broker.publish(["a", "b", "c", "d"].map((id) => message(id)));
      const [a, b] = await reserve(store, { limit: 2 });
      if (!a || !b) throw new Error("Expected two deliveries");
      await store.broker.settle("c1", [settlement(b, RELEASE)]);
      await store.broker.settle("c1", [settlement(a, RELEASE)]);
      const again = await reserve(store);
      expectEqual(ids(again), ["a", "b", "c", "d"], "the order");
      expectEqual(again.map((one) => one.losses), [0, 0, 0, 0], "the losses");
    },
  },
  {
    name: "a released message that was lost has one loss more",
    async run({ store }) {
      await store.broker.publish([message("a")]);
      for (const losses of [0, 1, 2]) {
        const one = await reserveOne(store);
        expectEqual(one.losses, losses, "the losses");
        const lost = { kind: "release", lost: true } as const;
        await store.broker.settle("c1", [settlement(one, lost)]);
      }
    },
  },
  {
    name: "a released message that had an eta is ready",
    async run({ store, clock }) {
      const eta = clock.now() + 1_000;
      await store.broker.publish([message("a", { eta })]);
      clock.advance(1_000);
      const one = await reserveOne(store);
      await store.broker.settle("c1", [settlement(one, RELEASE)]);
      expectEqual((await reserveOne(store)).eta, eta, "the eta");
    },
  },
  {
    name: "a requeued message lives on as the other one, at the end",
    async run({ store }) {
      const one = await deliver(store, "a");
      await store.broker.publish([message("b")]);
      const next = message("a", { task: "tests.other", body: "second" });
      const action = { kind: "requeue", message: next } as const;
      await store.broker.settle("c1", [settlement(one, action)]);
      const again = await reserve(store);
      expectEqual(ids(again), ["b", "a"], "the order");
      const { task, body, losses } = again[1] ?? {};
      expectEqual([task, body, losses], [next.task, next.body, 0], "the other");
    },
  },
  {
    name: "a requeued message may wait, and change its queue and priority",
    async run({ store, clock }) {
      const one = await deliver(store, "a");
      const eta = clock.now() + 5_000;
      const next = message("a", { queue: "other", priority: 1, eta });
      const action = { kind: "requeue", message: next } as const;
      await store.broker.settle("c1", [settlement(one, action)]);
      const queues = ["default", "other"];
      expectEqual(await reserve(store, { queues }), [], "before");
      expectEqual(await store.broker.publish([next]), [false], "still live");
      clock.advance(5_000);
      const again = await reserveOne(store, { queues });
      expectEqual(
        [again.queue, again.priority, again.eta],
        ["other", 1, eta],
        "the delivery",
      );
    },
  },
  {
    name: "a dead message goes to the dead letters",
    async run({ store, clock }) {
      const one = await deliver(store, "a");
      await store.broker.settle("c1", [settlement(one, DEAD)]);
      expectEqual(await reserve(store), [], "what is left");
      const { items } = await store.deadLetters.list({ limit: 10 });
      expectEqual(items, [{
        ...message("a"),
        key: items[0]?.key,
        reason: "DecodeError",
        detail: "Bad",
        losses: 0,
        diedAt: clock.now(),
      }], "the dead letters");
      expectEqual(await store.broker.publish([message("a")]), [true], "again");
    },
  },
  {
    name: "a token that is not the lease's is stale and changes nothing",
    async run({ store }) {
      const one = await deliver(store, "a");
      const stale = [
        { ...settlement(one), token: one.token + 1 },
        { ...settlement(one, RELEASE), token: one.token - 1 },
        { ...settlement(one), id: "b" },
      ].map((each) => ({
        ...each,
        result: record("a"),
        publish: [message("successor")],
      }));
      const answer = await store.broker.settle("c1", stale);
      expectEqual(answer, [false, false, false], "the answer");
      const others = await store.broker.settle("c2", [settlement(one)]);
      expectEqual(others, [false], "the answer to another consumer");
      expectEqual(await reserve(store), [], "what is queued");
      expectEqual(await store.results.fetch(["a"]), [undefined], "the result");
      const still = await store.broker.settle("c1", [settlement(one)]);
      expectEqual(still, [true], "the answer to the holder");
    },
  },
  {
    name: "a lease that was given up is stale, also with the same consumer",
    async run({ store }) {
      const first = await deliver(store, "a");
      await store.broker.settle("c1", [settlement(first, RELEASE)]);
      const second = await reserveOne(store);
      const stale = await store.broker.settle("c1", [settlement(first)]);
      expectEqual(stale, [false], "the first lease");
      const held = await store.broker.settle("c1", [settlement(second)]);
      expectEqual(held, [true], "the second lease");
    },
  },
  {
    name: "a lease of an earlier message of the same id is stale",
    async run({ store }) {
      const first = await deliver(store, "a");
      await store.broker.settle("c1", [settlement(first)]);
      const second = await deliver(store, "a");
      const stale = await store.broker.settle("c1", [settlement(first)]);
      expectEqual(stale, [false], "the first message");
      const held = await store.broker.settle("c1", [settlement(second)]);
      expectEqual(held, [true], "the second message");
    },
  },
  {
    name: "a delivery is settled once",
    async run({ store }) {
      const one = await deliver(store, "a");
      const twice = [settlement(one), settlement(one, RELEASE)];
      expectEqual(await store.broker.settle("c1", twice), [true, false], "");
      expectEqual(await reserve(store), [], "what is left");
    },
  },
  {
    name: "successors are published; those that are live are skipped",
    async run({ store }) {
      const one = await deliver(store, "a");
      await store.broker.publish([message("live", { body: "first" })]);
      const publish = [message("next"), message("live", { body: "second" })];
      await store.broker.settle("c1", [
        settlement(one, { kind: "ack" }, { publish }),
      ]);
      const rest = await reserve(store);
      expectEqual(ids(rest), ["live", "next"], "what is queued");
      expectEqual(rest[0]?.body, "first", "the one that was live");
    },
  },
  {
    name: "a task can send itself again",
    async run({ store }) {
      const one = await deliver(store, "a");
      const publish = [message("a", { body: "again" })];
      await store.broker.settle("c1", [
        settlement(one, { kind: "ack" }, { publish }),
      ]);
      expectEqual((await reserveOne(store)).body, "again", "the delivery");
    },
  },
  {
    name: "a batch of every kind, each in its turn",
    async run({ store }) {
      const all = ["ack", "release", "requeue", "dead", "gone"];
      await store.broker.publish(all.map((id) => message(id)));
      const held = await reserve(store);
      const by = (id: string) => {
        const found = held.find((one) => one.id === id);
        if (!found) throw new Error(`Expected ${id} to be delivered`);
        return found;
      };
      const next = message("requeue", { body: "second" });
      await store.broker.settle("c1", [settlement(by("gone"))]);
      const answer = await store.broker.settle("c1", [
        settlement(by("ack"), { kind: "ack" }, { publish: [message("new")] }),
        settlement(by("release"), RELEASE),
        settlement(by("gone")),
        settlement(by("requeue"), { kind: "requeue", message: next }),
        settlement(by("dead"), DEAD),
      ]);
      expectEqual(answer, [true, true, false, true, true], "the answer");
      const order = ["release", "new", "requeue"];
      expectEqual(ids(await reserve(store)), order, "what is queued");
    },
  },
  {
    name: "a large batch",
    async run({ store }) {
      const batch = Array.from({ length: 1_100 }, (_, at) => message(`m${at}`));
      await store.broker.publish(batch);
      const held = await reserve(store, { limit: 2_000 });
      const answer = await store.broker.settle(
        "c1",
        held.map((one) => settlement(one)),
      );
      expectEqual(answer.every((one) => one), true, "every answer");
      expectEqual(await store.inspector.queues(), [], "what is left");
    },
  },
  {
    name: "records that differ in little come back as they went in",
    async run({ store }) {
      if (!store.capabilities.atomicSettlement) return;
      const values = ['"a"', null, '"\u001f"', '"\u0001"', `"'\\"`, '""'];
      const given = values.map((_, at) => `m${at}`);
      await store.broker.publish(given.map((id) => message(id)));
      const deliveries = await reserve(store);
      const records = given.map((id, at) =>
        record(id, {
          task: `tests.task${at % 2}`,
          value: values[at] ?? null,
          updatedAt: 1_000 + at,
          expiresAt: 2_000 + at,
          meta: JSON.stringify({ at }),
        })
      );
      const batch = deliveries.map((one, at) => {
        const result = records[at];
        if (result === undefined) throw new Error("Expected a record");
        return settlement(one, { kind: "ack" }, { result });
      });
      for (const part of [batch.slice(0, 1), batch.slice(1)]) {
        await store.broker.settle("c1", part);
      }
      expectEqual(await store.results.fetch(given), records, "the records");
    },
  },
  {
    name: "result, successors and acknowledgement become true together",
    async run({ store, another }) {
      if (!store.capabilities.atomicSettlement) return;
      const other = await another();
      const one = await deliver(store, "a");
      const result = record("a", { value: '"with it"' });
      const publish = [message("next")];
      let isTold = false;
      await other.results.subscribe((ids) => {
        isTold ||= ids === "unknown" || ids.includes("a");
      });
      await store.broker.settle("c1", [
        settlement(one, { kind: "ack" }, { result, publish }),
      ]);
      expectEqual(await other.results.fetch(["a"]), [result], "the result");
      const [task, next] = await other.inspector.find(["a", "next"]);
      expectEqual([task, next?.status], [undefined, "queued"], "the tasks");
      await eventually("the end of the task", () => isTold);
    },
  },
  {
    name: "a retry stores its state beside the requeued message",
    async run({ store }) {
      if (!store.capabilities.atomicSettlement) return;
      const one = await deliver(store, "a");
      const result = record("a", { state: "RETRY", ended: false });
      const action = { kind: "requeue", message: message("a") } as const;
      await store.broker.settle("c1", [settlement(one, action, { result })]);
      expectEqual(await store.results.fetch(["a"]), [result], "the record");
      expectEqual((await reserveOne(store)).id, "a", "the message");
    },
  },
];
