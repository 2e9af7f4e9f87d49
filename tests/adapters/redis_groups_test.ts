/**
 * Servers in groups: a failover of Sentinel, and a cluster that loses a node.
 */

import { freePort } from "./fixtures/free_port.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Cluster } from "ioredis";
import { redisStore } from "../../adapters/redis/mod.ts";
import { StoreError } from "../../src/errors.ts";
import {
  eventually,
  ids,
  message,
  record,
  reserve,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import { startCluster } from "./fixtures/redis_cluster.ts";
import { startSentinel } from "./fixtures/redis_sentinel.ts";
import { serverTest, startRedis } from "./fixtures/redis_server.ts";

const DRIVER_TIMERS = { sanitizeOps: false, sanitizeResources: false };

serverTest("a failover of Sentinel is followed", async () => {
  const master = await startRedis(["--repl-diskless-sync-delay", "0"]);
  const replica = await startRedis([
    "--replicaof",
    `127.0.0.1 ${master.port}`,
  ]);
  const sentinel = await startSentinel(master);
  const url =
    `redis+sentinel://127.0.0.1:${freePort()},127.0.0.1:${sentinel.port}/main?db=1`;
  const store = redisStore({ url });
  try {
    await eventually("the sentinel to know the replica", async () => {
      const known = await sentinel.cli("sentinel", "replicas", "main");
      return known.includes(String(replica.port));
    });
    await store.open();
    await store.broker.publish([message("a"), message("b")]);
    const waiting = reserve(store, { queues: ["other"], wait: true });
    await eventually(
      "the replica to have it",
      async () => await replica.cli("-n", "1", "hlen", "lovage:tasks") === "2",
    );
    await master.kill();
    const [one, ...rest] = await reserve(store);
    assertEquals([one?.id, rest[0]?.id], ["a", "b"]);
    const done = await store.broker.settle(
      "c1",
      [one, ...rest].filter((each) => each !== undefined)
        .map((each) => settlement(each)),
    );
    assertEquals(done, [true, true]);
    await store.broker.publish([message("c", { queue: "other" })]);
    assertEquals(ids(await waiting), ["c"]);
  } finally {
    await store.close();
    for (const server of [sentinel, replica, master]) await server.stop();
  }
}, DRIVER_TIMERS);

serverTest("sentinels that know no such master", async () => {
  const master = await startRedis();
  const sentinel = await startSentinel(master);
  try {
    await eventually(
      "the sentinel",
      async () => await sentinel.cli("ping") === "PONG",
    );
    const url = `redis+sentinel://127.0.0.1:${sentinel.port}/other`;
    const store = redisStore({ url });
    const error = await assertRejects(() => store.open(), StoreError);
    assertStringIncludes(error.message, "No sentinel of");
    await store.close();
  } finally {
    await sentinel.stop();
    await master.stop();
  }
}, DRIVER_TIMERS);

serverTest("a cluster, and what is wrong with it", async () => {
  const cluster = await startCluster();
  const [first] = cluster.nodes;
  const client = new Cluster([{ host: "127.0.0.1", port: first?.port ?? 0 }], {
    lazyConnect: true,
  });
  const store = redisStore({ client });
  const other = redisStore({ url: cluster.url, patience: 500 });
  try {
    await store.open();
    await other.open();
    assertEquals(store.capabilities.atomicSettlement, false);
    // Queues lie on different nodes, and a task may cause one elsewhere.
    const queues = ["a", "b", "c", "d", "e", "f"];
    const all = queues.map((queue) => message(`in ${queue}`, { queue }));
    assertEquals(new Set(await store.broker.publish(all)), new Set([true]));
    const waiting = reserve(other, {
      ...{ consumer: "w", queues: ["next", "moved"], wait: true, limit: 1 },
    });
    const found = await reserve(store, { queues });
    assertEquals(ids(found).sort(), ids(all));
    const held = await store.broker.settle(
      "c1",
      found.map((one, at) =>
        settlement(
          one,
          at === 0
            ? {
              kind: "requeue",
              message: { ...message(one.id), queue: "moved" },
            }
            : { kind: "ack" },
          at === 1 ? { publish: [message("next", { queue: "next" })] } : {},
        )
      ),
    );
    assertEquals(held.every((one) => one), true);
    const some = await waiting;
    const rest = await reserve(other, { queues: ["next", "moved"] });
    assertEquals([...some, ...rest].length, 2);
    const sizes = await Promise.all(
      cluster.nodes.map(({ cli }) => cli("dbsize")),
    );
    assertEquals(sizes.every((size) => size !== "0"), true, sizes.join());

    const wrong = redisStore({ url: first?.url });
    const sentence = await assertRejects(() => wrong.open(), StoreError);
    assertStringIncludes(sentence.message, "write redis+cluster://host:port");
    await wrong.close();

    await cluster.nodes[2]?.kill();
    const lost = await assertRejects(
      () => other.results.store(queues.map((id) => record(id))),
      StoreError,
    );
    assertEquals(/\n/.test(lost.message), false, lost.message);
  } finally {
    await store.close();
    await other.close();
    client.disconnect();
    await cluster.stop();
  }
}, DRIVER_TIMERS);

serverTest("a single server is no cluster", async () => {
  const server = await startRedis();
  const url = `redis+cluster://127.0.0.1:${server.port}`;
  const store = redisStore({ url });
  const error = await assertRejects(() => store.open(), StoreError);
  assertStringIncludes(error.message, "write redis:// for a single server");
  await store.close();
  await server.stop();
}, DRIVER_TIMERS);
