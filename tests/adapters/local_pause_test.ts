/**
 * What waiting for a paused queue costs in the stores that need no server:
 * nothing, until it is resumed.
 */

import { assert, assertEquals } from "@std/assert";
import type { Clock, Store } from "../../src/contracts/mod.ts";
import { systemClock } from "../../adapters/memory/clock.ts";
import {
  deliver,
  ids,
  letWait,
  message,
  reserve,
  settlement,
  soon,
} from "../../src/testing/conformance/fixtures.ts";
import { onLocalStores } from "./fixtures/local_stores.ts";

/**
 * The system's clock; each look for work asks it for the time. Who spins is
 * stopped, since no timer of the test would come any more.
 */
class CountingClock implements Clock {
  looks = 0;

  now(): number {
    if (++this.looks > 1_000) throw new Error("It looks again and again");
    return systemClock.now();
  }

  timer(ms: number, callback: () => void): () => void {
    return systemClock.timer(ms, callback);
  }
}

/** Pauses the default queue while it holds work of every kind. */
async function fillAndPause(store: Store): Promise<void> {
  const { broker } = store;
  const back = await deliver(store, "back");
  const eta = Date.now() + 30;
  await broker.publish([message("ready"), message("due", { eta })]);
  await broker.pause(["default"], true);
  await broker.settle("c1", [settlement(back, { kind: "release" })]);
}

onLocalStores("who waits for a paused queue sleeps", async (open) => {
  const clock = new CountingClock();
  const waiting = await open(clock);
  const other = await open();
  await fillAndPause(other);
  const taken = reserve(waiting, { wait: true });
  await letWait();
  const before = clock.looks;
  // In this time an eta comes, too.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const looks = clock.looks - before;
  assert(looks <= 5, `${looks} looks at a queue that is paused`);
  await other.broker.pause(["default"], false);
  const order = ids(await soon("what waited", taken));
  assertEquals(order, ["back", "ready", "due"]);
});

onLocalStores(
  "who waits for other queues too is served by them",
  async (open) => {
    const store = await open();
    await fillAndPause(store);
    const queues = ["default", "other"];
    const taken = reserve(store, { wait: true, queues });
    await letWait();
    await store.broker.publish([message("b", { queue: "other" })]);
    assertEquals(ids(await soon("the other queue", taken)), ["b"]);
  },
);

onLocalStores("a pause wins over a wait that has begun", async (open) => {
  const clock = new CountingClock();
  const store = await open(clock);
  await store.broker.publish([message("due", { eta: Date.now() + 300 })]);
  const waiting = new AbortController();
  const taken = reserve(store, { wait: true, signal: waiting.signal });
  await letWait();
  await store.broker.pause(["default"], true);
  const before = clock.looks;
  // In this time the eta comes.
  await new Promise((resolve) => setTimeout(resolve, 600));
  const looks = clock.looks - before;
  waiting.abort();
  assertEquals(ids(await taken), []);
  assert(looks <= 5, `${looks} looks at a queue that is paused`);
});

onLocalStores("who resumes a queue wakes its own waits", async (open) => {
  const store = await open();
  await store.broker.pause(["default"], true);
  await store.broker.publish([message("a")]);
  const taken = reserve(store, { wait: true });
  await letWait();
  await store.broker.pause(["default"], false);
  assertEquals(ids(await soon("what waited", taken)), ["a"]);
});
