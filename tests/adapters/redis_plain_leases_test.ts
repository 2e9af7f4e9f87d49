/**
 * What messages with limits or keys cost those without, as the server counts
 * it, and that nothing is kept of them, whoever settles.
 */

import { assertEquals } from "@std/assert";
import { PlainLeases } from "../../adapters/redis/plain_leases.ts";
import type { Delivery, Store } from "../../src/contracts/mod.ts";
import {
  ids,
  limited,
  message,
  reserve,
  reserveOne,
  settlement,
  slots,
  unique,
} from "../../src/testing/conformance/fixtures.ts";
import { Scene } from "./fixtures/redis_scene.ts";
import {
  missing,
  type RedisServer,
  serverTest,
  startRedis,
} from "./fixtures/redis_server.ts";

let server: RedisServer | undefined;

if (missing === undefined) {
  Deno.test.beforeAll(async () => {
    server = await startRedis();
  });
  Deno.test.afterAll(async () => await server?.stop());
}

function sceneTest(name: string, test: (scene: Scene) => Promise<void>): void {
  serverTest(name, async () => {
    if (server === undefined) throw new Error("No server was started");
    const scene = new Scene({ url: server.url, nodes: [server] });
    try {
      await test(scene);
    } finally {
      await scene.close();
    }
  });
}

/** Commands that look at, or write, what lies in a store. */
const LOOKS = ["evalsha", "hmget", "hget", "hdel", "hset", "zrange", "scard"];

/** A retry, one that goes back, one that dies, and all others that end. */
async function workOff(store: Store): Promise<void> {
  const names = Array.from({ length: 10 }, (_, at) => `m${at}`);
  await store.broker.publish(names.map((id) => message(id)));
  const [retried, released, dead, ...rest] = await reserve(store);
  if (!retried || !released || !dead) throw new Error("Expected deliveries");
  await store.broker.settle("c1", rest.map((one) => settlement(one)));
  const reason = { reason: "Error", detail: "died" };
  await store.broker.settle("c1", [
    settlement(retried, { kind: "requeue", message: message("m0") }),
    settlement(released, { kind: "release" }),
    settlement(dead, { kind: "dead", ...reason }),
  ]);
  const again = await reserve(store);
  assertEquals(ids(again), ["m1", "m0"]);
  await store.broker.settle("c1", again.map((one) => settlement(one)));
}

sceneTest(
  "what limits hold back is not looked at for others",
  async (scene) => {
    const store = await scene.open();
    // Loads the scripts, too.
    await workOff(store);
    const alone = await scene.count(LOOKS, () => workOff(store));
    await store.broker.publish([
      limited("holder", slots("full", 1)),
      unique("live", "live"),
    ]);
    await reserve(store, { consumer: "other" });
    await store.broker.publish([
      limited("held", slots("full", 1)),
      unique("far", "far", { until: Date.now() + 60_000 }),
      { ...unique("later", "later"), eta: Date.now() + 60_000 },
      { ...unique("last", "last", { waiting: true }), queue: "elsewhere" },
    ]);
    await reserve(store, { consumer: "other" });
    assertEquals(await scene.count(LOOKS, () => workOff(store)), alone);
  },
);

sceneTest(
  "who settles another store's lease gives all of it back",
  async (scene) => {
    const [store, other] = [await scene.open(), await scene.open()];
    const both = { ...limited("a", slots("one", 1)), ...unique("a", "k") };
    for (const settler of [store, other]) {
      await store.broker.publish([{ ...both, limits: [slots("one", 1)] }]);
      const one = await reserveOne(store);
      await settler.broker.settle("c1", [settlement(one)]);
      assertEquals(await store.broker.holders(["k"]), [undefined]);
      const [state] = await store.inspector.limits([slots("one", 1)]);
      assertEquals(state?.taken, 0);
    }
  },
);

Deno.test("a lease is plain as long as it is remembered", () => {
  const plain = new PlainLeases();
  const delivery = (
    id: string,
    token: number,
    rest: Partial<Delivery> = {},
  ) => ({
    ...{ ...message(id), token, losses: 0, cancelled: false },
    ...rest,
  });
  const [a, b] = [
    delivery("a", 1),
    delivery("b", 1, { limits: [slots("k", 1)] }),
  ];
  const c = delivery("c", 2, { unique: { key: "k", until: null } });
  assertEquals([a, b, c].map((one) => plain.has(one)), [false, false, false]);
  plain.note(1, [a, b]);
  plain.note(2, [c]);
  assertEquals([a, b, c].map((one) => plain.has(one)), [true, false, false]);
  for (let token = 3; token < 2_000; token++) plain.note(token, []);
  assertEquals(plain.has(a), true);
  for (let token = 2_000; token < 5_000; token++) plain.note(token, []);
  assertEquals([a, b, c].map((one) => plain.has(one)), [false, false, false]);
});
