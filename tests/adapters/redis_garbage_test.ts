/**
 * What somebody put into Redis by hand: it is handed out like everything
 * else, so that the core can say what is wrong with it, and never in the way.
 */

import { assertEquals } from "@std/assert";
import type { Delivery } from "../../src/contracts/mod.ts";
import {
  message,
  reserve,
  reserveOne,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import {
  type RedisServer,
  serverTest,
  withServer,
} from "./fixtures/redis_server.ts";

const ENTRIES: Readonly<Record<string, string>> = {
  plain: "no entry at all",
  empty: "",
  lines: "a\nb\nc\nd\ne\nf\ng",
  "no body": "1\n0\nt\ndefault\n5\n",
  words: "1\n0\nt\ndefault\nhigh\nsoon\n{}",
  urgent: "1\n0\nt\ndefault\n99\n\n{}",
  elsewhere: "1\n0\nt\nother\n5\n\n{}",
};

async function insert(server: RedisServer): Promise<void> {
  let place = 0;
  for (const [id, entry] of Object.entries(ENTRIES)) {
    await server.cli("hset", "lovage:tasks", id, entry);
    await server.cli("zadd", "lovage:queue:default", `${++place}`, id);
  }
  await server.cli("zadd", "lovage:queue:default", "nan", "ignored");
  await server.cli("zadd", "lovage:queue:default", "inf", "no entry");
  await server.cli("zadd", "lovage:schedule:default", "1", "short");
  await server.cli("sadd", "lovage:queues", "default");
}

function assertWellFormed(one: Delivery): void {
  for (const name of ["id", "task", "queue", "body"] as const) {
    assertEquals(typeof one[name], "string", `${one.id}: ${name}`);
  }
  for (const name of ["priority", "token", "losses"] as const) {
    assertEquals(Number.isFinite(one[name]), true, `${one.id}: ${name}`);
  }
  assertEquals(one.eta === null || Number.isFinite(one.eta), true, one.id);
}

const COUNT = Object.keys(ENTRIES).length;

serverTest(
  "garbage is handed out, and can be settled",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      await insert(server);
      await store.broker.publish([message("good")]);
      const deliveries = await reserve(store);
      assertEquals(deliveries.length, COUNT + 1);
      for (const one of deliveries) assertWellFormed(one);
      const plain = deliveries.find(({ id }) => id === "plain");
      assertEquals([plain?.body, plain?.queue], ["no entry at all", "default"]);
      const dead = {
        kind: "dead",
        reason: "DecodeError",
        detail: "?",
      } as const;
      const held = await store.broker.settle(
        "c1",
        deliveries.map((one) => settlement(one, dead)),
      );
      assertEquals(held.every((one) => one), true);
      const { items } = await store.deadLetters.list({ limit: 100 });
      assertEquals(items.length, COUNT + 1);
      // What is an entry after all goes back; the rest can only be dropped.
      assertEquals(await store.deadLetters.redrive(null), 4);
      assertEquals(await store.deadLetters.purge(null), COUNT - 3);
    }),
);

serverTest(
  "garbage that is given back is dead, or in its queue",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      await insert(server);
      const deliveries = await reserve(store);
      const release = { kind: "release" } as const;
      await store.broker.settle(
        "c1",
        deliveries.map((one) => settlement(one, release)),
      );
      const again = await reserve(store, { queues: ["default", "other"] });
      const { items } = await store.deadLetters.list({ limit: 100 });
      assertEquals(again.length + items.length, COUNT);
    }),
);

serverTest(
  "garbage can be looked at, cancelled and dropped",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      await insert(server);
      await server.cli("hset", "lovage:records:", "a", "no record");
      await server.cli("hset", "lovage:consumers", "c", "no consumer");
      await server.cli("hset", "lovage:dead", "1", "no letter");
      await server.cli("zadd", "lovage:dead-order", "1", "1");
      const page = { limit: 100 };
      for (const status of ["queued", "scheduled", "running"] as const) {
        await store.inspector.tasks({ status }, page);
      }
      await store.inspector.find(Object.keys(ENTRIES));
      await store.inspector.queues();
      await store.inspector.consumers();
      await store.results.query({}, page);
      const [record] = await store.results.fetch(["a"]);
      assertEquals(record?.state, "FAILURE");
      assertEquals((await store.deadLetters.list(page)).items.length, 1);
      assertEquals(await store.deadLetters.redrive(null), 0);
      const rememberUntil = 0;
      const outcomes = await store.broker.cancel(
        ["plain", "urgent"].map((id) => (
          { id, terminate: false, rememberUntil }
        )),
      );
      assertEquals(outcomes, ["removed", "removed"]);
      await store.broker.purge(["default"]);
      assertEquals((await reserve(store)).length, 0);
      await store.broker.publish([message("a")]);
      assertEquals((await reserve(store)).length, 1);
    }),
);

serverTest(
  "garbage among groups is nothing, or is handed out",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      const bodies = ["no entry at all", "x\n\n0\nt\ndefault\n", "", "\n\n0"];
      const groups = bodies.map((_, at) => `body${at}`);
      await server.cli("hset", "lovage:groups", "words", "many");
      await server.cli("hset", "lovage:groups", "no body", "1");
      const all = [...groups, "words", "no body"];
      const ends = all.map((group) => ({ group, index: 0, failed: true }));
      for (const [at, group] of groups.entries()) {
        await server.cli("hset", "lovage:groups", group, "1");
        await server.cli("hset", "lovage:group-bodies", group, `${bodies[at]}`);
      }
      const found = await store.results.endMembers(ends);
      assertEquals(found.length, bodies.length);
      await store.broker.publish([message("a")]);
      const one = await reserveOne(store);
      const held = await store.broker.settle("c1", [
        settlement(one, { kind: "ack" }, { ends }),
      ]);
      assertEquals(held, [true]);
      assertEquals(await reserve(store), []);
      assertEquals(await server.cli("hkeys", "lovage:groups"), "words");
    }),
);
