/**
 * Several processes over one file: wake-ups, contention, and death.
 */

import { assert, assertEquals } from "@std/assert";
import type { Store } from "../../src/contracts/mod.ts";
import {
  eventually,
  letWait,
  message,
  reserve,
} from "../../src/testing/conformance/fixtures.ts";
import { startPeer } from "./fixtures/peer.ts";
import { withStores } from "./fixtures/temp_store.ts";

async function publishMany(store: Store, count: number): Promise<string[]> {
  const batch = Array.from({ length: count }, (_, at) => message(`root-${at}`));
  for (let at = 0; at < count; at += 500) {
    await store.broker.publish(batch.slice(at, at + 500));
  }
  return batch.map((one) => one.id);
}

Deno.test("a message from another process wakes a waiting worker at once", () =>
  withStores(async ({ path, open }) => {
    const store = await open();
    const peer = await startPeer("publisher", path);
    const latencies: number[] = [];
    for (let n = 0; n < 20; n++) {
      const answer = reserve(store, { wait: true, limit: 1 });
      await letWait();
      const start = performance.now();
      await peer.tell(`m${n}`);
      assertEquals((await answer)[0]?.id, `m${n}`);
      latencies.push(performance.now() - start);
    }
    await peer.end();
    const median = latencies.sort((a, b) => a - b)[10] ?? Infinity;
    // The slow poll would take half a second.
    assert(median < 100, `The median wake-up took ${median} ms`);
  }));

Deno.test("a result from another process is told at once", () =>
  withStores(async ({ path, open }) => {
    const store = await open();
    const told = new Set<string>();
    await store.results.subscribe((ids) => {
      if (ids !== "unknown") { for (const id of ids) told.add(id); }
    });
    const peer = await startPeer("worker", path, 10);
    const latencies: number[] = [];
    for (let n = 0; n < 10; n++) {
      const start = performance.now();
      await store.broker.publish([message(`m${n}`)]);
      await eventually("the result", () => told.has(`m${n}`));
      latencies.push(performance.now() - start);
    }
    await peer.tell("stop");
    await peer.end();
    const median = latencies.sort((a, b) => a - b)[5] ?? Infinity;
    assert(median < 200, `The median round trip took ${median} ms`);
  }));

Deno.test("two worker processes share the work, each task once", () =>
  withStores(async ({ path, open }) => {
    const store = await open();
    const ids = await publishMany(store, 3_000);
    const peers = await Promise.all([
      startPeer("worker", path, 20),
      startPeer("worker", path, 20),
    ]);
    await eventually("the end of all tasks", async () => {
      const queues = await store.inspector.queues();
      return queues.every((one) => one.queue === "after");
    });
    for (const peer of peers) await peer.tell("stop");
    for (const peer of peers) await peer.end();
    const records = await store.results.fetch(ids);
    assert(records.every((one) => one?.state === "SUCCESS"));
    const [after] = await store.inspector.queues();
    assertEquals(after?.queued, ids.length);
  }));

Deno.test("a process killed amid its work loses nothing and doubles nothing", () =>
  withStores(async ({ path, open }) => {
    const store = await open();
    const ids = await publishMany(store, 2_000);
    for (let round = 0; round < 4; round++) {
      const peer = await startPeer("worker", path, 7);
      // At some point of its loop; never the same.
      for (let n = 0; n < 3 + round * 2; n++) await peer.line();
      await peer.kill();
      await assertConsistent(store, ids);
    }
    await new Promise((resolve) => setTimeout(resolve, 110));
    const reaped = await store.broker.reap();
    const lost = reaped.flatMap((one) => one.returned);
    const peer = await startPeer("worker", path, 100);
    await eventually("the end of all tasks", async () => {
      const queues = await store.inspector.queues();
      return queues.every((one) => one.queue === "after");
    });
    await peer.tell("stop");
    await peer.end();
    assertEquals(await assertConsistent(store, ids), ids.length);
    assert(lost.length < 40, "Only what was held when they died went back");
  }));

/** Each task is either live, or it has its result and its successor. */
async function assertConsistent(
  store: Store,
  ids: readonly string[],
): Promise<number> {
  const live = await store.inspector.find(ids);
  const records = await store.results.fetch(ids);
  const next = await store.inspector.find(ids.map((id) => `after-${id}`));
  let ended = 0;
  for (const [at, id] of ids.entries()) {
    const states = [!live[at], !!records[at], !!next[at]];
    assert(new Set(states).size === 1, `${id}: ${states}`);
    if (records[at]) ended++;
  }
  return ended;
}
