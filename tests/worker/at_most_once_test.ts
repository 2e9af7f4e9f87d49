import { assertEquals, assertRejects } from "@std/assert";
import { Lovage, Reject, WorkerLostError } from "@lovage/lovage";
import { memoryStore } from "../../adapters/memory/mod.ts";
import { drain, FakeClock } from "../../src/testing/mod.ts";
import type { Settlement, Store } from "../../src/contracts/mod.ts";
import { Latch, onEachStore, onMemory, PATIENCE, soon } from "../_helpers.ts";

onMemory(
  "acksLate: false: a task that had begun at a cold stop has failed, and says so",
  async (lab) => {
    const app = lab.app();
    const running = new Latch();
    const stuck = new Latch();
    const task = app.task("task", { acksLate: false }, async () => {
      running.open();
      await stuck.opened;
    });
    const result = await task.delay();
    const worker = await lab.worker(app);
    await soon(running.opened, "the start");
    await worker.stop("cold");
    stuck.open();
    await assertRejects(
      () => result.get({ timeout: PATIENCE }),
      WorkerLostError,
      "had begun when its worker was stopped",
    );
  },
);

onEachStore(
  "acksLate: false: Reject with requeue puts a task back",
  async (lab) => {
    const app = lab.app();
    let runs = 0;
    const task = app.task("task", { acksLate: false }, () => {
      if (++runs === 1) throw new Reject("not yet", { requeue: true });
      return runs;
    });
    const result = await task.delay();
    await drain(app);
    assertEquals(await result.get({ timeout: PATIENCE }), 2);
  },
);

onEachStore(
  "acksLate: false: what waits for a slot is still in its queue",
  async (lab) => {
    const app = lab.app();
    const store = await lab.store();
    const running = new Latch();
    const go = new Latch();
    const task = app.task("task", { acksLate: false }, async (n: number) => {
      running.open();
      await go.opened;
      return n;
    });
    const results = await app.sendMany([1, 2, 3, 4, 5].map((n) => task.s(n)));
    await lab.worker(app, { concurrency: 1 });
    await soon(running.opened, "the start");
    const live = await store.inspector.find(results.map(({ id }) => id));
    assertEquals(live.filter((each) => each !== undefined).length, 4);
    go.open();
    for (const [index, result] of results.entries()) {
      assertEquals(await result.get({ timeout: PATIENCE }), index + 1);
    }
  },
);

Deno.test("acksLate: false: a task whose lease was lost before it began does not run", async () => {
  const inner = memoryStore({ clock: new FakeClock() });
  const acked = new Latch();
  // Says of every acknowledgement that it came too late.
  const store: Store = {
    ...members(inner),
    broker: new Proxy(inner.broker, {
      get: (broker, name) =>
        name === "settle"
          ? (_: string, batch: readonly Settlement[]) => {
            acked.open();
            return Promise.resolve(batch.map(() => false));
          }
          : Reflect.get(broker, name).bind(broker),
    }),
  };
  const app = new Lovage("late", { store });
  let runs = 0;
  const task = app.task("task", { acksLate: false }, () => runs++);
  await task.delay();
  const worker = await app.worker({ pool: "async" });
  await soon(acked.opened, "the acknowledgement");
  await worker.stop();
  assertEquals(runs, 0);
  await app.close();
});

function members(store: Store): Store {
  return {
    scheme: store.scheme,
    address: store.address,
    capabilities: store.capabilities,
    broker: store.broker,
    results: store.results,
    scheduler: store.scheduler,
    bus: store.bus,
    inspector: store.inspector,
    deadLetters: store.deadLetters,
    history: store.history,
    warnings: store.warnings,
    migrations: store.migrations,
    open: () => store.open(),
    close: () => store.close(),
  };
}
