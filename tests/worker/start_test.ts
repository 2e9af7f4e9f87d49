/** A worker or a beat whose store goes away between its opening and the start. */

import { assertEquals, assertRejects } from "@std/assert";
import type { Lovage } from "@lovage/lovage";
import { FakeClock } from "../../src/testing/mod.ts";
import { startWorker } from "../../src/worker/start.ts";
import {
  type Faults,
  faultyStore,
  type Lab,
  onMemory,
  PATIENCE,
  until,
} from "../_helpers.ts";

interface Scene {
  readonly app: Lovage;
  readonly clock: FakeClock;
  readonly faults: Faults;
}

async function scene(lab: Lab, retries = 5): Promise<Scene> {
  const clock = new FakeClock();
  const { store, faults } = faultyStore(await lab.store(clock));
  const app = lab.app({
    ...{ store, clock },
    brokerConnectionMaxRetries: retries,
  });
  return { app, clock, faults };
}

for (const call of ["broker.purge", "broker.heartbeat", "bus.subscribe"]) {
  onMemory(`a worker that starts tries ${call} again`, async (lab) => {
    const { app, clock, faults } = await scene(lab);
    const task = app.task("task", () => 1);
    faults.fail(call, 2);
    const starting = lab.worker(app, { purge: true });
    await until(() => {
      clock.advance(1_000);
      return faults.count(call) >= 3;
    }, "the third try");
    await starting;
    const result = await task.delay();
    assertEquals(await result.get({ timeout: PATIENCE }), 1);
  });
}

for (const call of ["bus.subscribe", "scheduler.leader"]) {
  onMemory(`a beat that starts tries ${call} again`, async (lab) => {
    const { app, clock, faults } = await scene(lab);
    faults.fail(call, 2);
    const starting = app.beat();
    await until(() => {
      clock.advance(1_000);
      return faults.count(call) >= 3;
    }, "the third try");
    await (await starting).stop();
  });
}

onMemory("a worker that starts gives up as its settings say", async (lab) => {
  const { app, faults } = await scene(lab, 0);
  faults.fail("broker.heartbeat", 1);
  await assertRejects(() => lab.worker(app), "does not answer");
  assertEquals(faults.count("broker.heartbeat"), 1);
});

onMemory("the waiting of a worker that starts can be ended", async (lab) => {
  const { app, faults } = await scene(lab);
  faults.down("broker.heartbeat");
  const stop = new AbortController();
  const starting = startWorker(app, { pool: "async" }, { signal: stop.signal });
  await until(() => faults.count("broker.heartbeat") > 0, "the first try");
  stop.abort(new Error("stopped"));
  await assertRejects(() => starting, "stopped");
});
