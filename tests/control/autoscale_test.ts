/** Pools that follow the work. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import fc from "fast-check";
import { ConfigError, type Lovage } from "@lovage/lovage";
import { Autoscaler } from "../../src/worker/autoscaler.ts";
import { internalsOf } from "../../src/internals.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { onMemory, until } from "../_helpers.ts";
import { everyStore, Held } from "./_stores.ts";

const onEvery = everyStore();
const ask = { timeout: "10s" } as const;
const NAMES = ["a", "b", "c", "d", "e", "f"];

async function poolOf(app: Lovage) {
  const stats = (await app.control.inspect(ask).stats()).replies["one@box"];
  return [stats?.pool.maxConcurrency, stats?.autoscaler];
}

onEvery(
  "a pool grows at once while tasks wait, up to its most",
  async (place) => {
    const app = place.app();
    const held = new Held();
    const hold = app.task("hold", held.task);
    await place.worker(app, {
      hostname: "one@box",
      autoscale: { max: 3, min: 1 },
    });
    const range = { max: 3, min: 1 };
    assertEquals(await poolOf(app), [1, range]);
    const results = await app.sendMany(NAMES.map((name) => hold.s(name)));
    await until(() => held.running.size === 3, "three at a time");
    assertEquals(await poolOf(app), [3, range]);
    const { broker } = await internalsOf(app).stores.open();
    const [worker] = await broker.inspector.consumers();
    assertEquals(
      [worker?.details["concurrency"], worker?.details["autoscale"]],
      [3, range],
    );

    const grown = await app.control.autoscale({ max: 5, min: 2 }, ask);
    assertEquals(
      grown.replies["one@box"]?.ok,
      "It runs 2 to 5 tasks at a time now, as many as there are",
    );
    await until(() => held.running.size === 5, "five at a time");

    // Fewer than run: they come to their end.
    await app.control.autoscale({ max: 1 }, ask);
    assertEquals(await poolOf(app), [1, { max: 1, min: 1 }]);
    assertEquals(held.running.size, 5);
    held.release(...NAMES);
    for (const result of results) {
      assertEquals(NAMES.includes(await result.get({ timeout: "10s" })), true);
    }
    assertEquals(held.most, 5);
  },
);

onMemory(
  "a pool shrinks to what was needed in the last half minute",
  async (lab) => {
    const clock = new FakeClock();
    const app = lab.app({ clock });
    const held = new Held();
    const hold = app.task("hold", held.task);
    await lab.worker(app, {
      hostname: "one@box",
      autoscale: { max: 4, min: 1 },
    });
    await app.sendMany(["a", "b", "c", "d"].map((name) => hold.s(name)));
    await until(() => held.running.size === 4, "four at a time");
    // What runs for long needs its slot for as long.
    await clock.advanceAsync(120_000);
    assertEquals((await poolOf(app))[0], 4);
    held.release("a", "b");
    await until(() => held.running.size === 2, "two to end");
    await clock.advanceAsync(20_000);
    assertEquals((await poolOf(app))[0], 4);
    await clock.advanceAsync(20_000);
    assertEquals((await poolOf(app))[0], 2);
    assertEquals(held.running.size, 2);
    held.release("c", "d");
    await until(() => held.running.size === 0, "the rest to end");
    await clock.advanceAsync(40_000);
    assertEquals((await poolOf(app))[0], 1);
    // And grows at once again.
    await app.sendMany(["e", "f"].map((name) => hold.s(name)));
    await until(() => held.running.size === 2, "two at a time");
    held.release("e", "f");
  },
);

onMemory(
  "a task that runs at most once also makes its pool grow",
  async (lab) => {
    const app = lab.app();
    const held = new Held();
    const hold = app.task("hold", { acksLate: false }, held.task);
    await lab.worker(app, { autoscale: { max: 2 } });
    await app.sendMany(["a", "b"].map((name) => hold.s(name)));
    await until(() => held.running.size === 2, "both");
    held.release("a", "b");
  },
);

onMemory("a pool that follows the work is not resized by hand", async (lab) => {
  const app = lab.app();
  const worker = await lab.worker(app, {
    hostname: "one@box",
    autoscale: { max: 3, min: 2 },
  });
  assertEquals(worker.plan.concurrency, 3);
  for (const order of [app.control.poolGrow, app.control.poolShrink]) {
    const { errors } = await order.call(app.control, 1, ask);
    assertMatch(
      errors["one@box"] ?? "",
      /^Its pool follows the work \(autoscale 3,2\): change that range by/,
    );
  }
});

onMemory("ranges that will not do are refused", async (lab) => {
  const app = lab.app();
  const refused = async (autoscale: never, sentence: string) => {
    await assertRejects(
      () => app.worker({ pool: "async", autoscale }),
      ConfigError,
      sentence,
    );
    await assertRejects(
      async () => await app.control.autoscale(autoscale),
      ConfigError,
      sentence,
    );
  };
  await refused({ max: 0 } as never, "The max of autoscale must be a whole");
  await refused({ max: 3, min: 1.5 } as never, "The min of autoscale must be");
  await refused({ max: 2, min: 3 } as never, "(3) must not be larger than");
  await assertRejects(
    () => app.worker({ pool: "async", concurrency: 2, autoscale: { max: 3 } }),
    ConfigError,
    "give one of them",
  );
});

Deno.test("whatever comes, an autoscaler keeps its range and what is needed", () => {
  const step = fc.oneof(
    fc.record({ hold: fc.integer({ min: 0, max: 20 }) }),
    fc.record({ wait: fc.integer({ min: 1, max: 60_000 }) }),
    fc.record({ max: fc.integer({ min: 1, max: 8 }), min: fc.constant(1) }),
  );
  const run = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const clock = new FakeClock();
    let [held, slots] = [0, 2];
    const scaler = new Autoscaler({
      held: () => held,
      resize: (to) => void (slots = to),
      clock,
    });
    let range = { max: 6, min: 2 };
    scaler.set(range, slots);
    for (const each of steps) {
      if ("hold" in each) {
        // It is told of what comes, and not of what ends.
        if (each.hold > held) scaler.need(each.hold);
        held = each.hold;
      } else if ("wait" in each) clock.advance(each.wait);
      else scaler.set(range = each, slots);
      assert(slots >= range.min && slots <= range.max);
      assert(slots >= Math.min(held, range.max));
    }
    // After a quiet time it is as small as may be, and has no timer.
    held = 0;
    clock.advance(60_000);
    assertEquals([slots, clock.pending], [range.min, 0]);
    scaler.stop();
  });
  fc.assert(run, { numRuns: 500 });
});
