/**
 * Random operations on the PostgreSQL store and on the memory store, which is the
 * model: both must answer the same and come to the same end.
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { memoryStore } from "../../adapters/memory/mod.ts";
import type {
  Delivery,
  Message,
  ResultRecord,
  SettleAction,
  Settlement,
  Store,
} from "../../src/contracts/mod.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import { newSchema, postgresSuite } from "./fixtures/postgres_suite.ts";

const IDS = ["a", "b", "c", "d", "e", "f"];
const QUEUES = ["one", "two", "three"];
const CONSUMERS = ["c1", "c2"];

const anId = fc.constantFrom(...IDS);
const aConsumer = fc.constantFrom(...CONSUMERS);
const someIds = fc.array(anId, { minLength: 1, maxLength: 4 });
const someQueues = fc.uniqueArray(fc.constantFrom(...QUEUES), { minLength: 1 });

const draft = fc.record({
  id: anId,
  queue: fc.constantFrom(...QUEUES),
  priority: fc.constantFrom(0, 5, 9),
  delay: fc.option(fc.integer({ min: -50, max: 300 })),
  body: fc.string({ unit: "binary", maxLength: 5 }),
});
type Draft = typeof draft extends fc.Arbitrary<infer T> ? T : never;

const settling = fc.record({
  pick: fc.nat({ max: 20 }),
  kind: fc.constantFrom("ack", "ack", "release", "lost", "requeue", "dead"),
  state: fc.option(fc.constantFrom("SUCCESS", "FAILURE", "RETRY")),
  next: draft,
  publish: fc.array(draft, { maxLength: 2 }),
});

const operation = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant("publish" as const),
      batch: fc.array(draft, { minLength: 1, maxLength: 5 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant("reserve" as const),
      consumer: aConsumer,
      queues: someQueues,
      limit: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant("settle" as const),
      stranger: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      batch: fc.array(settling, { minLength: 1, maxLength: 5 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant("heartbeat" as const),
      consumer: aConsumer,
    }),
  },
  fc.record({ op: fc.constant("leave" as const), consumer: aConsumer }),
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant("advance" as const),
      ms: fc.constantFrom(1, 20, 99, 100, 200, 250),
    }),
  },
  { weight: 3, arbitrary: fc.record({ op: fc.constant("reap" as const) }) },
  fc.record({
    op: fc.constant("cancel" as const),
    ids: someIds,
    terminate: fc.boolean(),
  }),
  fc.record({ op: fc.constant("purge" as const), queues: someQueues }),
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant("store" as const),
      ids: someIds,
      state: fc.constantFrom("STARTED", "SUCCESS", "FAILURE"),
    }),
  },
  fc.record({ op: fc.constant("forget" as const), ids: someIds }),
  fc.record({
    op: fc.constant("expire" as const),
    limit: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    op: fc.constant("redrive" as const),
    pick: fc.option(fc.nat({ max: 3 })),
  }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** One of the two stores, with the leases it has handed out. */
class Side {
  readonly #leases: Delivery[] = [];
  readonly #holders = new Map<number, string>();

  constructor(readonly store: Store, readonly clock: FakeClock) {}

  /** Does what is asked; the answer is free of what may differ. */
  async run(one: Operation): Promise<unknown> {
    const { broker, results, deadLetters } = this.store;
    const now = this.clock.now();
    switch (one.op) {
      case "publish":
        return await broker.publish(one.batch.map((d) => this.#message(d)));
      case "reserve": {
        const deliveries = await broker.reserve({
          ...one,
          wait: false,
          signal: new AbortController().signal,
        });
        for (const delivery of deliveries) {
          this.#leases.push(delivery);
          this.#holders.set(delivery.token, one.consumer);
        }
        return deliveries.map(({ token: _, ...rest }) => rest);
      }
      case "settle": {
        const batch = one.batch.map((s) => this.#settlement(s))
          .filter((s) => s !== undefined);
        const holder = this.#holders.get(batch[0]?.token ?? 0) ?? "c1";
        const other = holder === "c1" ? "c2" : "c1";
        return await broker.settle(one.stranger ? other : holder, batch);
      }
      case "heartbeat": {
        const id = one.consumer;
        const info = { id, name: id, lease: 200, details: {} };
        const { known, cancellations } = await broker.heartbeat(info);
        return { known, cancellations: cancellations.toSorted(byId) };
      }
      case "leave":
        return await broker.leave(one.consumer);
      case "advance":
        return undefined;
      case "reap":
        return (await broker.reap()).toSorted(byId);
      case "cancel":
        return await broker.cancel(one.ids.map((id) => ({
          id,
          terminate: one.terminate,
          result: this.#record(id, "REVOKED"),
          rememberUntil: now + 100,
        })));
      case "purge":
        return await broker.purge(one.queues);
      case "store":
        return await results.store(
          one.ids.map((id) => this.#record(id, one.state)),
        );
      case "forget":
        return await results.forget(one.ids);
      case "expire":
        return await results.expire(one.limit);
      case "redrive": {
        const { items } = await deadLetters.list({ limit: 10 });
        const letter = one.pick === null ? undefined : items[one.pick];
        const keys = one.pick === null ? null : letter ? [letter.key] : [];
        return await deadLetters.redrive(keys);
      }
    }
  }

  /** Everything that can be seen of the store. */
  async view(): Promise<unknown> {
    const { results, inspector, deadLetters } = this.store;
    const page = { limit: 3 };
    const lists = [];
    for (const status of ["queued", "scheduled", "running"] as const) {
      lists.push(await inspector.tasks({ status }, { limit: 100 }));
      for (const queue of QUEUES) {
        lists.push(await inspector.tasks({ status, queue }, { limit: 100 }));
      }
    }
    const dead = (await deadLetters.list({ limit: 100 })).items;
    return {
      found: await inspector.find(IDS),
      queues: await inspector.queues(),
      consumers: await inspector.consumers(),
      lists,
      dead: dead.map(({ key: _, ...rest }) => rest),
      records: await results.fetch(IDS),
      counts: await results.countByState(),
      latest: (await results.query({}, page)).items,
      failures: (await results.query({ state: "FAILURE" }, page)).items,
    };
  }

  #message({ id, queue, priority, delay, body }: Draft): Message {
    const eta = delay === null ? null : this.clock.now() + delay;
    return { id, task: `task ${id}`, queue, priority, eta, body };
  }

  #record(id: string, state: string): ResultRecord {
    const ended = state !== "STARTED" && state !== "RETRY";
    const now = this.clock.now();
    const expiresAt = state === "FAILURE" ? null : now + 250;
    return {
      ...{ id, state, ended, task: `task ${id}`, worker: null },
      ...{ updatedAt: now, expiresAt, value: "1", error: null, meta: "{}" },
    };
  }

  #settlement(
    { pick, kind, state, next, publish }: typeof settling extends
      fc.Arbitrary<infer T> ? T : never,
  ): Settlement | undefined {
    // Also leases that were settled or lost long ago.
    const lease = this.#leases.at(-1 - pick % Math.max(1, this.#leases.length));
    if (lease === undefined) return undefined;
    const { id, token } = lease;
    const actions: Record<string, SettleAction> = {
      ack: { kind: "ack" },
      release: { kind: "release" },
      lost: { kind: "release", lost: true },
      requeue: { kind: "requeue", message: this.#message({ ...next, id }) },
      dead: { kind: "dead", reason: "Error", detail: "It died" },
    };
    return {
      id,
      token,
      action: actions[kind] ?? { kind: "ack" },
      result: state === null ? undefined : this.#record(id, state),
      publish: publish.map((draft) => this.#message(draft)),
    };
  }
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1;
}

const test = postgresSuite();

test("the store does what the memory store does", ({ open }) =>
  fc.assert(
    fc.asyncProperty(
      fc.array(operation, { minLength: 10, maxLength: 100, size: "max" }),
      async (operations) => {
        const clock = new FakeClock();
        const model = new Side(memoryStore({ clock }), clock);
        const store = await open({ clock, schema: newSchema(), max: 2 });
        const real = new Side(store, clock);
        await model.store.open();
        try {
          for (const one of operations) {
            if (one.op === "advance") clock.advance(one.ms);
            const [expected, actual] = [
              await model.run(one),
              await real.run(one),
            ];
            assertEquals(actual, expected, JSON.stringify(one));
          }
          assertEquals(await real.view(), await model.view());
        } finally {
          await store.close();
          await model.store.close();
        }
      },
    ),
    { numRuns: Number(Deno.env.get("FC_RUNS") ?? 40) },
  ));
