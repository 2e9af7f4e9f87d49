import { assert, assertEquals, assertRejects } from "@std/assert";
import { WorkerShutdown } from "@lovage/lovage";
import { drain, FakeClock } from "../../src/testing/mod.ts";
import {
  changed,
  faultyStore,
  Latch,
  onEachStore,
  onMemory,
  PATIENCE,
  soon,
  until,
} from "../_helpers.ts";

onEachStore(
  "a warm stop finishes what runs and gives back the rest",
  async (lab) => {
    const app = lab.app();
    const running = new Latch();
    const go = new Latch();
    const task = app.task("task", async (n: number) => {
      running.open();
      await go.opened;
      return n;
    });
    const results = await app.sendMany([task.s(1), task.s(2), task.s(3)]);
    const worker = await lab.worker(app, { concurrency: 1 });
    await soon(running.opened, "the start");
    const stopped = worker.stop();
    const late = await task.delay(4);
    go.open();
    await soon(stopped, "the stop");
    assertEquals(await results[0]!.get(), 1);
    const store = await lab.store();
    assertEquals(await store.inspector.consumers(), []);
    const [queue] = await store.inspector.queues();
    assertEquals([queue?.queued, queue?.running], [3, 0]);
    assertEquals(await drain(app), { SUCCESS: 3 });
    assertEquals(await late.get(), 4);
  },
);

onEachStore(
  "a cold stop gives back what runs, and no loss is counted",
  async (lab) => {
    const app = lab.app();
    const running = new Latch();
    const ended = new Latch();
    const task = app.task("task", { bind: true }, async (self) => {
      if (self.request.deliveryInfo.redelivered) return "counted a loss";
      running.open();
      if (first) {
        first = false;
        await ended.opened;
      }
      return "ran again";
    });
    let first = true;
    const result = await task.delay();
    const worker = await lab.worker(app);
    await soon(running.opened, "the start");
    await soon(worker.stop("cold"), "the stop");
    ended.open();
    assertEquals(await result.ready(), false);
    assertEquals(await drain(app), { SUCCESS: 1 });
    assertEquals(await result.get(), "ran again");
  },
);

onMemory("a cold stop aborts the signals of what runs", async (lab) => {
  const app = lab.app();
  const running = new Latch();
  const reason = new Latch<unknown>();
  const task = app.task("task", { bind: true }, async (self) => {
    running.open();
    await new Promise((resolve) =>
      self.signal.addEventListener("abort", resolve)
    );
    reason.open(self.signal.reason);
  });
  await task.delay();
  const worker = await lab.worker(app);
  await soon(running.opened, "the start");
  await worker.stop("cold");
  assert(await soon(reason.opened, "abort") instanceof WorkerShutdown);
});

onMemory("a warm stop turns cold when shutdownTimeout is over", async (lab) => {
  const app = lab.app();
  const running = new Latch();
  const go = new Latch();
  const task = app.task("task", async () => {
    running.open();
    await go.opened;
  });
  const result = await task.delay();
  const worker = await lab.worker(app, { shutdownTimeout: "20ms" });
  await soon(running.opened, "the start");
  await soon(worker.stop(), "the stop");
  go.open();
  assertEquals(await result.state(), "PENDING");
  const store = await lab.store();
  assertEquals((await store.inspector.queues())[0]?.queued, 1);
});

onMemory("a second stop turns a warm one cold", async (lab) => {
  const app = lab.app();
  const running = new Latch();
  const go = new Latch();
  const task = app.task("task", async () => {
    running.open();
    await go.opened;
  });
  await task.delay();
  const worker = await lab.worker(app);
  await soon(running.opened, "the start");
  const warm = worker.stop();
  const cold = worker.stop("cold");
  await soon(Promise.all([warm, cold]), "the stop");
  go.open();
});

onMemory("stopping twice is stopping once", async (lab) => {
  const app = lab.app();
  let stops = 0;
  app.on("workerShutdown", () => stops++);
  const worker = await lab.worker(app);
  await Promise.all([worker.stop(), worker.stop()]);
  await worker.stop();
  assertEquals(stops, 1);
});

onMemory(
  "what came of a task is stored before the worker has stopped",
  async (lab) => {
    const app = lab.app();
    const task = app.task("task", (n: number) => n);
    const results = await app.sendMany(
      Array.from({ length: 200 }, (_, n) => task.s(n)),
    );
    const worker = await lab.worker(app);
    await worker.stop();
    const store = await lab.store();
    const [queue] = await store.inspector.queues();
    const ready = await Promise.all(results.map((each) => each.ready()));
    assertEquals(queue?.running ?? 0, 0);
    assertEquals(ready.filter((each) => !each).length, queue?.queued ?? 0);
  },
);

onMemory(
  "a worker waits for its store to answer again, and stores what came of its tasks",
  async (lab) => {
    const clock = new FakeClock();
    const { store, faults } = faultyStore(await lab.store(clock));
    const app = lab.app({ store, clock });
    const go = new Latch();
    const task = app.task("task", async () => {
      await go.opened;
      return "ran";
    });
    const result = await task.delay();
    const worker = await lab.worker(app);
    faults.down("broker.settle");
    go.open();
    const stopped = worker.stop();
    for (let n = 0; n < 5; n++) await clock.advanceAsync(1_000);
    assertEquals(await result.ready(), false);
    faults.up();
    for (let n = 0; n < 5; n++) await clock.advanceAsync(5_000);
    await soon(stopped, "the stop");
    assertEquals(await result.get(), "ran");
  },
);

onMemory("a cold stop ends though the store is down", async (lab) => {
  const { store, faults } = faultyStore(await lab.store());
  const app = lab.app({ store });
  const running = new Latch();
  const go = new Latch();
  const task = app.task("task", async () => {
    running.open();
    await go.opened;
  });
  await task.delay();
  const worker = await lab.worker(app);
  await soon(running.opened, "the start");
  faults.down("broker.settle", "broker.leave", "broker.heartbeat");
  await soon(worker.stop("cold"), "the stop");
  go.open();
});

onMemory(
  "a stop does not wait for a store that is away to hear of it",
  async (lab) => {
    const clock = new FakeClock();
    const { store } = faultyStore(await lab.store(clock));
    const asked = new Latch();
    const back = new Latch();
    const broker = changed(store.broker, {
      leave() {
        asked.open();
        return back.opened;
      },
    });
    const app = lab.app({ store: { ...store, broker }, clock });
    const worker = await lab.worker(app);
    const stopped = worker.stop();
    await soon(asked.opened, "the leave");
    await clock.advanceAsync(5_000);
    await soon(stopped, "the stop").finally(() => back.open());
  },
);

onMemory(
  "what a store gives too late goes back",
  async (lab) => {
    const clock = new FakeClock();
    const { store } = faultyStore(await lab.store(clock));
    const asked = new Latch();
    const back = new Latch();
    const broker = changed(store.broker, {
      async reserve(request) {
        asked.open();
        // The store hears nothing of the stop.
        await back.opened;
        const { signal } = new AbortController();
        return await store.broker.reserve({ ...request, signal });
      },
    });
    const app = lab.app({ store: { ...store, broker }, clock });
    const started: string[] = [];
    const task = app.task("task", () => void started.push("it"));
    await task.delay();
    const worker = await lab.worker(app);
    await soon(asked.opened, "the reservation");
    const stopped = worker.stop();
    await clock.advanceAsync(2_000);
    await soon(stopped, "the stop").finally(() => back.open());
    await until(async () => {
      const [queue] = await store.inspector.queues();
      return queue?.queued === 1 && queue.running === 0;
    }, "the task is back");
    assertEquals(started, []);
  },
);

onMemory(
  "a worker reserves again once its store answers again",
  async (lab) => {
    const { store, faults } = faultyStore(await lab.store());
    const app = lab.app({ store });
    const task = app.task("task", () => "ran");
    faults.fail("broker.reserve", 3);
    await lab.worker(app);
    const result = await task.delay();
    assertEquals(await result.get({ timeout: PATIENCE }), "ran");
    assert(faults.count("broker.reserve") > 3);
  },
);

onMemory("a worker that cannot start leaves nothing behind", async (lab) => {
  const { store, faults } = faultyStore(await lab.store());
  const app = lab.app({ store, brokerConnectionRetryOnStartup: false });
  faults.fail("broker.heartbeat", 1);
  await assertRejects(() => app.worker({ pool: "async" }), Error, "not answer");
  assertEquals(await store.inspector.consumers(), []);
});

onEachStore("closing an app stops its workers first", async (lab) => {
  const app = lab.app();
  const running = new Latch();
  const go = new Latch();
  const task = app.task("task", async () => {
    running.open();
    await go.opened;
    return "ran";
  });
  const result = await task.delay();
  const worker = await lab.worker(app);
  await soon(running.opened, "the start");
  const closed = app.close();
  go.open();
  await soon(closed, "the close");
  assertEquals(worker.totals.ended, { success: 1 });
  const store = await lab.store();
  assertEquals(await store.inspector.consumers(), []);
  if (lab.path !== "") assertEquals(await result.get(), "ran");
});

Deno.test("an embedded worker stops at the end of its block", async () => {
  const { Lovage } = await import("@lovage/lovage");
  const ended: string[] = [];
  {
    await using app = new Lovage("shop", { brokerUrl: "memory://" });
    const task = app.task("task", async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      ended.push("task");
    });
    app.on("workerShutdown", () => ended.push("worker"));
    await using _worker = await app.worker({ pool: "async" });
    const prerun = new Promise<void>((resolve) =>
      app.on("taskPrerun", () => resolve())
    );
    await task.delay();
    await prerun;
  }
  assertEquals(ended, ["task", "worker"]);
});
