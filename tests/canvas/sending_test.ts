/** How a large canvas is sent: in parts, each of them once. */

import { chord, ChordError, Lovage } from "@lovage/lovage";
import { memoryStore } from "@lovage/lovage/memory";
import { assertEquals, assertRejects } from "@std/assert";
import { drain, FakeClock } from "../../src/testing/mod.ts";
import { faultyStore } from "../_helpers.ts";

Deno.test("a part that was accepted is not sent again for one that was not", async () => {
  const inner = memoryStore();
  const publish = inner.broker.publish.bind(inner.broker);
  const { store, faults } = faultyStore(inner);
  const accepted: number[] = [];
  inner.broker.publish = (batch, options) => {
    accepted.push(batch.length);
    if (accepted.length === 1) faults.fail("broker.publish", 1);
    return publish(batch, options);
  };
  await using app = new Lovage("parts", { store });
  const square = app.task("square", (n: number) => n * n);
  const count = app.task("count", (all: readonly number[]) => all.length);
  const header = Array.from({ length: 1_500 }, (_, n) => square.s(n));
  await chord(header, count.s()).delay();
  // With one that would tell if the rest did not come.
  assertEquals(accepted, [1_000, 501]);
});

function countingApp(clock: FakeClock) {
  const store = memoryStore({ clock });
  const app = new Lovage("guarded", { store, clock });
  const square = app.task("square", (n: number) => n * n);
  const count = app.task("count", (all: readonly number[]) => all.length);
  const told: string[] = [];
  const tell = app.task(
    "tell",
    (_: unknown, error: { name: string }) => void told.push(error.name),
  );
  const body = count.s().set({ taskId: "body" }).linkError(tell.s());
  const header = Array.from({ length: 2_500 }, (_, n) => square.s(n));
  return { app, store, told, large: chord(header, body) };
}

Deno.test("a chord whose sender ends between two parts fails by and by", async () => {
  const clock = new FakeClock();
  const { app, store, told, large } = countingApp(clock);
  await using _ = app;
  const publish = store.broker.publish.bind(store.broker);
  let parts = 0;
  store.broker.publish = (batch, options) => {
    if (batch.length === 1_000 && ++parts === 2) throw new Error("It died");
    return publish(batch, options);
  };
  await assertRejects(() => large.delay(), Error, "It died");
  await drain(app);
  const result = app.AsyncResult("body");
  assertEquals(await result.state(), "PENDING");
  clock.advance(10 * 60_000);
  await drain(app);
  await assertRejects(() => result.get(), ChordError, "never sent");
  assertEquals(told, ["ChordError"]);
});

Deno.test("a chord that was sent as a whole leaves no guard", async () => {
  const clock = new FakeClock();
  const { app, store, told, large } = countingApp(clock);
  await using _ = app;
  const result = await large.delay();
  const [queue] = await store.inspector.queues();
  assertEquals([queue?.queued, queue?.scheduled], [2_500, 0]);
  clock.advance(10 * 60_000);
  await drain(app, { max: 3_000 });
  assertEquals([await result.get(), told], [2_500, []]);
});
