/**
 * What firings owe in a cluster, where entries and queues lie on different
 * nodes: whoever dies between the two, messages come, and come once.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { redisStore } from "../../adapters/redis/mod.ts";
import type {
  Broker,
  Candidate,
  Firing,
  Message,
  Store,
} from "../../src/contracts/mod.ts";
import { StoreError } from "../../src/errors.ts";
import {
  ids,
  message,
  reserve,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { type RedisCluster, startCluster } from "./fixtures/redis_cluster.ts";
import { missing, serverTest } from "./fixtures/redis_server.ts";

const DUE = 5_000;
const LEASE = 10_000;
/** Queues of different shards. */
const QUEUES = ["a", "b", "c"];

let cluster: RedisCluster | undefined;

if (missing === undefined) {
  Deno.test.beforeAll(async () => {
    cluster = await startCluster();
  });
  Deno.test.afterAll(async () => await cluster?.stop());
}

/** What a test has: stores over the same data, as of several processes. */
interface Scene {
  readonly clock: FakeClock;
  readonly open: () => Promise<Store>;
  /** What is owed, by the ids of messages. */
  readonly owed: () => Promise<string[]>;
  /** Runs a command on the key of what is owed. */
  readonly redis: (command: string, ...args: string[]) => Promise<string>;
}

function clusterTest(name: string, test: (scene: Scene) => Promise<void>) {
  serverTest(name, async () => {
    const clock = new FakeClock();
    const prefix = crypto.randomUUID();
    const key = `{${prefix}:beat}:beat-owed`;
    const stores: Store[] = [];
    const redis = async (command: string, ...args: string[]) =>
      await cluster?.nodes[0]?.cli("-c", command, key, ...args) ?? "";
    const open = async () => {
      const store = redisStore({ url: cluster?.url, prefix, clock });
      stores.push(store);
      await store.open();
      return store;
    };
    const owed = async () =>
      (await redis("hkeys")).split("\n").filter((id) => id !== "").sort();
    try {
      await test({ clock, open, owed, redis });
    } finally {
      for (const store of stores) await store.close();
    }
  }, { sanitizeOps: false, sanitizeResources: false });
}

function candidate(id: string): Candidate {
  return { id, name: `${id}@tests`, lease: LEASE };
}

/** Writes an entry per queue; the firing of each has one message there. */
async function due({ scheduler }: Store): Promise<Firing[]> {
  const revisions = await scheduler.put(
    QUEUES.map((name) => ({ name, body: "", dueAt: DUE })),
  );
  return QUEUES.map((name, at) => ({
    ...{ name, dueAt: DUE, nextAt: DUE + 1_000, state: "fired" },
    revision: revisions[at] ?? 0,
    messages: [message(`of ${name}`, { queue: name })],
  }));
}

const ALL = QUEUES.map((name) => `of ${name}`);

/** Takes what there is, and ends it. */
async function work(store: Store): Promise<string[]> {
  const deliveries = await reserve(store, { queues: QUEUES });
  await store.broker.settle("c1", deliveries.map((one) => settlement(one)));
  return ids(deliveries).sort();
}

type Publish = Broker["publish"];

/** Puts something in the way of what a store publishes; returns the way. */
function divert(
  { broker }: Store,
  by: (publish: Publish, batch: readonly Message[]) => ReturnType<Publish>,
): () => void {
  const publish = broker.publish.bind(broker);
  const replace = (one: Publish) => Object.assign(broker, { publish: one });
  replace((batch) => by(publish, batch));
  return () => replace(publish);
}

function cut(store: Store): () => void {
  return divert(store, () => Promise.reject(new Error("cut")));
}

clusterTest(
  "who leads after a crash between claim and publication completes it",
  async ({ clock, open, owed }) => {
    const [dying, next] = [await open(), await open()];
    await dying.scheduler.lead(candidate("dying"));
    const firings = await due(dying);
    const [first] = firings;
    if (first === undefined) throw new Error("Expected a firing");
    const late = { ...first, revision: 99, messages: [message("late")] };
    cut(dying);
    await assertRejects(() => dying.scheduler.fire([...firings, late]), Error);
    await dying.close();
    assertEquals(await owed(), ALL);
    const [moved] = await next.scheduler.fetch(["a"]);
    assertEquals([moved?.dueAt, moved?.state], [DUE + 1_000, "fired"]);
    assertEquals(
      await next.scheduler.fire(firings),
      [false, false, false],
      "they were fired",
    );
    assertEquals((await next.scheduler.lead(candidate("next"))).id, "dying");
    assertEquals(await work(next), [], "it does not lead yet");
    clock.advance(LEASE);
    await next.scheduler.lead(candidate("next"));
    assertEquals(await work(next), ALL);
    assertEquals(await owed(), []);
    await next.scheduler.lead(candidate("next"));
    await next.scheduler.resign("next");
    await next.scheduler.lead(candidate("again"));
    assertEquals(await work(next), [], "once");
  },
);

clusterTest(
  "a crash after the publication doubles nothing that is live",
  async ({ open, owed, redis }) => {
    const [dying, next] = [await open(), await open()];
    const firings = await due(dying);
    await dying.scheduler.fire(firings);
    assertEquals(await owed(), []);
    // As if it had not come to strike them out.
    for (const { messages: [one] } of firings) {
      const text = `1\nsomebody\n${JSON.stringify(one)}`;
      await redis("hset", one?.id ?? "", text);
    }
    await next.scheduler.lead(candidate("next"));
    assertEquals(await owed(), []);
    assertEquals(await work(next), ALL);
    assertEquals(await work(next), []);
  },
);

clusterTest(
  "what was published but not struck out is not published again",
  async ({ open, owed, redis }) => {
    const store = await open();
    await store.scheduler.lead(candidate("a"));
    const [firing] = await due(store);
    if (firing === undefined) throw new Error("Expected a firing");
    let text = "";
    divert(store, async (publish, batch) => {
      text = await redis("hget", "of a");
      // Something is wrong with the key from now on.
      await redis("set", "no hash");
      return await publish(batch);
    });
    await assertRejects(() => store.scheduler.fire([firing]), StoreError);
    assertEquals(await work(store), ["of a"]);
    await redis("del");
    await redis("hset", "of a", text);
    await store.scheduler.lead(candidate("a"));
    assertEquals(await owed(), []);
    assertEquals(await work(store), []);
  },
);

clusterTest(
  "a leader that could not publish does so when it renews its lead",
  async ({ open, owed }) => {
    const store = await open();
    await store.scheduler.lead(candidate("a"));
    const firings = await due(store);
    const mend = cut(store);
    await assertRejects(() => store.scheduler.fire(firings), Error, "cut");
    const still = await store.scheduler.lead(candidate("a"));
    assertEquals(still.id, "a", "that costs it nothing");
    mend();
    await store.scheduler.lead(candidate("a"));
    assertEquals(await work(store), ALL);
    assertEquals(await owed(), []);
  },
);

clusterTest(
  "a shard that fails holds up its own messages only, and doubles none",
  async ({ open, owed }) => {
    const store = await open();
    await store.scheduler.lead(candidate("a"));
    const firings = await due(store);
    const mend = divert(
      store,
      (publish, batch) =>
        batch.some(({ queue }) => queue === "b")
          ? Promise.reject(new Error("cut"))
          : publish(batch),
    );
    await assertRejects(() => store.scheduler.fire(firings), Error, "cut");
    assertEquals(await owed(), ["of b"]);
    assertEquals(await work(store), ["of a", "of c"]);
    mend();
    await store.scheduler.lead(candidate("a"));
    assertEquals(await work(store), ["of b"]);
  },
);

clusterTest(
  "what is being published is left to who does so, until that is overdue",
  async ({ clock, open, owed }) => {
    const [slow, leader] = [await open(), await open()];
    const firings = await due(slow);
    const arrived = Promise.withResolvers<void>();
    const admitted = Promise.withResolvers<void>();
    let waiting = 0;
    divert(slow, async (publish, batch) => {
      if (++waiting === QUEUES.length) arrived.resolve();
      await admitted.promise;
      return await publish(batch);
    });
    await leader.scheduler.lead(candidate("leader"));
    const firing = slow.scheduler.fire(firings);
    await arrived.promise;
    assertEquals(await owed(), ALL);
    clock.advance(60_000);
    await leader.scheduler.lead(candidate("leader"));
    assertEquals(await work(leader), [], "not overdue");
    clock.advance(1);
    await leader.scheduler.lead(candidate("leader"));
    const held = await reserve(leader, { queues: QUEUES });
    assertEquals(ids(held).sort(), ALL);
    admitted.resolve();
    assertEquals(await firing, [true, true, true]);
    assertEquals(await work(leader), [], "they are live");
  },
);

clusterTest(
  "a leader does not publish twice what it is about to publish",
  async ({ open }) => {
    const store = await open();
    const firings = await due(store);
    const arrived = Promise.withResolvers<void>();
    const admitted = Promise.withResolvers<void>();
    let count = 0;
    divert(store, async (publish, batch) => {
      if (++count === QUEUES.length) arrived.resolve();
      await admitted.promise;
      return await publish(batch);
    });
    const firing = store.scheduler.fire(firings);
    await arrived.promise;
    // It takes the lead anew, and would collect what others left.
    await store.scheduler.lead(candidate("a"));
    await store.scheduler.lead(candidate("a"));
    admitted.resolve();
    assertEquals(await firing, [true, true, true]);
    assertEquals(count, QUEUES.length);
    assertEquals(await work(store), ALL);
  },
);

clusterTest(
  "a publication that hangs does not cost the lead",
  async ({ open, owed }) => {
    const [dying, next] = [await open(), await open()];
    const firings = await due(dying);
    cut(dying);
    await assertRejects(() => dying.scheduler.fire(firings));
    const hanging = Promise.withResolvers<never>();
    const mend = divert(next, () => hanging.promise);
    const short = { ...candidate("next"), lease: 100 };
    assertEquals((await next.scheduler.lead(short)).id, "next");
    assertEquals(await owed(), ALL);
    hanging.reject(new Error("hung"));
    mend();
    await next.scheduler.lead(candidate("next"));
    assertEquals(await work(next), ALL);
  },
);

clusterTest(
  "what somebody wrote among the debts by hand is left alone",
  async ({ open, owed, redis }) => {
    const [dying, next] = [await open(), await open()];
    const firings = await due(dying);
    cut(dying);
    await assertRejects(() => dying.scheduler.fire(firings));
    const garbage = ["", "1", "1\nx", "1\nx\nnull", '1\nx\n{"id":1}'];
    for (const [at, text] of garbage.entries()) {
      await redis("hset", `${at}`, text);
    }
    await next.scheduler.lead(candidate("next"));
    assertEquals(await work(next), ALL);
    assertEquals(await owed(), ["0", "1", "2", "3", "4"]);
  },
);
