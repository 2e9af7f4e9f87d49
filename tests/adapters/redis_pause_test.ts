/**
 * Paused queues: what a pause costs those who work, those who wait and those
 * who publish, as the server counts it.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { shardOf } from "../../adapters/redis/cluster/shards.ts";
import { StoreError } from "../../src/errors.ts";
import {
  ids,
  message,
  reserve,
  reserveOne,
} from "../../src/testing/conformance/fixtures.ts";
import { type RedisCluster, startCluster } from "./fixtures/redis_cluster.ts";
import { type Place, Scene } from "./fixtures/redis_scene.ts";
import {
  missing,
  type RedisServer,
  serverTest,
  startRedis,
} from "./fixtures/redis_server.ts";

let server: RedisServer | undefined;
let cluster: RedisCluster | undefined;

if (missing === undefined) {
  Deno.test.beforeAll(async () => {
    server = await startRedis();
    cluster = await startCluster();
  });
  Deno.test.afterAll(async () => {
    await server?.stop();
    await cluster?.stop();
  });
}

/** Another queue, of the same shard as the default one. */
const SPARE = "spare";

async function onPlace(
  place: Place | undefined,
  test: (scene: Scene) => Promise<void>,
): Promise<void> {
  if (place === undefined) throw new Error("No server was started");
  const scene = new Scene(place);
  try {
    await test(scene);
  } finally {
    await scene.close();
  }
}

/** Registers a test on one server. */
function singleTest(
  name: string,
  test: (scene: Scene) => Promise<void>,
): void {
  serverTest(
    name,
    () => onPlace(server && { url: server.url, nodes: [server] }, test),
  );
}

/** Registers a test on one server and on a cluster. */
function pauseTest(name: string, test: (scene: Scene) => Promise<void>): void {
  singleTest(name, test);
  // The driver leaves timers of two seconds behind for nodes of a cluster.
  const options = { sanitizeOps: false, sanitizeResources: false };
  serverTest(`${name}, in a cluster`, () => onPlace(cluster, test), options);
}

function halfASecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 500));
}

/** Fails where only the look that waiters take now and then has helped. */
async function atOnce<T>(promise: Promise<T>): Promise<T> {
  const start = performance.now();
  const answer = await promise;
  assertEquals(performance.now() - start < 2_000, true, "it took too long");
  return answer;
}

pauseTest("who waits for a paused queue sleeps", async (scene) => {
  const [store, other] = [await scene.open(), await scene.open()];
  const eta = Date.now() + 50;
  await store.broker.publish([message("a"), message("b"), message("c")]);
  await store.broker.publish([message("due", { eta })]);
  await store.broker.pause(["default"], true);
  const taken = await scene.startWaiting(store, "halted");
  const counts = await scene.count(["evalsha", "publish"], halfASecond);
  assertEquals(counts, [0, 0]);
  await other.broker.pause(["default"], false);
  assertEquals(ids(await atOnce(taken())), ["a", "b", "c", "due"]);
});

pauseTest("who waited before the pause looks once more", async (scene) => {
  const [store, other] = [await scene.open(), await scene.open()];
  const eta = Date.now() + 1_000;
  await store.broker.publish([message("due", { eta })]);
  const taken = await scene.startWaiting(store, "idle");
  await other.broker.pause(["default"], true);
  const counts = await scene.count(["evalsha", "publish"], async () => {
    await new Promise((resolve) => setTimeout(resolve, eta - Date.now()));
    await halfASecond();
  });
  assertEquals(counts, [1, 0]);
  await other.broker.pause(["default"], false);
  assertEquals(ids(await atOnce(taken())), ["due"]);
});

pauseTest("a pause lets those sleep who wait already", async (scene) => {
  const [store, other] = [await scene.open(), await scene.open()];
  const taken = await scene.startWaiting(store, "idle");
  await other.broker.pause(["default"], true);
  const counts = await scene.count(["publish", "zrange"], async () => {
    await other.broker.publish([message("a")]);
    await halfASecond();
  });
  assertEquals(counts, [0, 0]);
  await other.broker.pause(["default"], false);
  assertEquals(ids(await atOnce(taken())), ["a"]);
});

pauseTest("who finds work elsewhere waits no more", async (scene) => {
  const [store, other] = [await scene.open(), await scene.open()];
  await store.broker.pause(["default"], true);
  const queues = ["default", SPARE];
  const taken = await scene.startWaiting(store, "halted", { queues });
  assertEquals(shardOf(SPARE), shardOf("default"));
  await other.broker.publish([message("a", { queue: SPARE })]);
  assertEquals(ids(await atOnce(taken())), ["a"]);
  assertEquals(await scene.waiters("halted"), 0);
});

pauseTest("what happens beside a paused queue wakes nobody", async (scene) => {
  const [store, other] = [await scene.open(), await scene.open()];
  await store.broker.publish([message("back")]);
  const held = await reserveOne(store);
  await store.broker.pause(["default"], true);
  const taken = await scene.startWaiting(store, "halted");
  const queues = ["default", SPARE];
  const taking = ["publish", "zpopmin"];
  const counts = await scene.count(taking, async () => {
    await other.broker.publish([message("a"), message("b")]);
    await other.broker.publish([
      message("c", { queue: SPARE }),
      message("d", { queue: SPARE }),
    ]);
    await other.broker.settle("c1", [
      { id: held.id, token: held.token, action: { kind: "release" } },
    ]);
    // As much as was asked for: who waits beside is asked to go on.
    assertEquals(ids(await reserve(other, { queues, limit: 1 })), ["c"]);
    await halfASecond();
  });
  assertEquals(counts, [0, 1]);
  await other.broker.pause(["default"], false);
  assertEquals(ids(await atOnce(taken())), ["back", "a", "b"]);
});

pauseTest(
  "the next one is woken if the first has gone",
  async (scene) => {
    const [store, other] = [await scene.open(), await scene.open()];
    const ended = new AbortController();
    const { signal } = ended;
    await store.broker.publish([message("a")]);
    await store.broker.pause(["default"], true);
    const taken = await scene.startWaiting(store, "halted");
    const gone = await scene.startWaiting(other, "halted", { signal });
    ended.abort();
    assertEquals(await gone(), []);
    await store.broker.pause(["default"], false);
    assertEquals(ids(await atOnce(taken())), ["a"]);
  },
);

pauseTest("what a reservation looks at", async (scene) => {
  const store = await scene.open();
  const later = Date.now() + 60_000;
  const many = Array.from({ length: 100 }, (_, at) => message(`m${at}`));
  await store.broker.publish([...many, message("later", { eta: later })]);
  await reserve(store, { queues: ["empty"] });
  const commands = ["evalsha", "exists", "smismember", "zrange"];
  const look = () => reserve(store, { queues: ["empty"] });
  assertEquals(await scene.count(commands, look), [1, 1, 0, 3], "no pause");
  await store.broker.pause(["default"], true);
  const halted = () => reserve(store);
  // One look for all that is rare, then one for each of it.
  assertEquals(await scene.count(commands, halted), [1, 2, 1, 0], "paused");
});

singleTest("queues beside a paused one are served in turn", async (scene) => {
  const store = await scene.open();
  const queues = ["a", "b", "c", "d"];
  for (const queue of queues) {
    const both = [`${queue}1`, `${queue}2`];
    await store.broker.publish(both.map((id) => message(id, { queue })));
  }
  await store.broker.pause(["a"], true);
  const served = [];
  for (let turn = 0; turn < 6; turn++) {
    served.push((await reserveOne(store, { queues })).id);
  }
  assertEquals(served, ["b1", "c1", "d1", "b2", "c2", "d2"]);
  assertEquals(await reserve(store, { queues }), []);
});

pauseTest("names of paused queues come back, or are refused", async (scene) => {
  const store = await scene.open();
  const names = ["a\\nb", "a\nb", "default"];
  await store.broker.pause(names, true);
  const queues = await store.inspector.queues();
  assertEquals(
    queues.map(({ queue, paused }) => [queue, paused]),
    [["a\nb", true], ["a\\nb", true], ["default", true]],
  );
  await store.broker.pause(names, false);
  await assertRejects(
    () => store.broker.pause(["default", "half \ud83c"], true),
    StoreError,
    "half a surrogate pair",
  );
  assertEquals(await store.inspector.queues(), []);
});
