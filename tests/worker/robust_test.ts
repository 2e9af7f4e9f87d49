import { assert, assertEquals } from "@std/assert";
import { StoreError } from "@lovage/lovage";
import type { Broker, Clock } from "../../src/contracts/mod.ts";
import { drain, FakeClock } from "../../src/testing/mod.ts";
import {
  changed,
  faultyStore,
  Latch,
  nextEvent,
  onEachStore,
  onMemory,
  onSqlite,
  PATIENCE,
  reserve,
  soon,
  until,
} from "../_helpers.ts";

onMemory(
  "a worker's hard limit below a task's own soft limit is simply first",
  async (lab) => {
    const app = lab.app();
    const soft = app.task("soft", { softTimeLimit: "20s" }, () => 1);
    const plain = app.task("plain", () => 2);
    await lab.worker(app, { timeLimit: "10s" });
    const results = await app.sendMany([soft.s(), plain.s()]);
    assertEquals(await results[0].get({ timeout: PATIENCE }), 1);
    assertEquals(await results[1].get({ timeout: PATIENCE }), 2);
  },
);

onEachStore(
  "an id that has ended and was revoked can be used again",
  async (lab) => {
    const app = lab.app();
    const task = app.task("task", (n: number) => n);
    await lab.worker(app);
    const first = await task.applyAsync([1], { taskId: "order-1" });
    assertEquals(await first.get({ timeout: PATIENCE }), 1);
    await first.revoke();
    const second = await task.applyAsync([2], { taskId: "order-1" });
    assertEquals(await second.get({ timeout: PATIENCE }), 2);
  },
);

onMemory("an ignored task leaves no STARTED behind", async (lab) => {
  const app = lab.app();
  const task = app.task(
    "task",
    { ignoreResult: true, trackStarted: true },
    () => 1,
  );
  await task.delay();
  await drain(app);
  assertEquals(await app.results.countByState(), {});
});

onMemory(
  "a task that expires while it waits for its turn does not run",
  async (lab) => {
    const clock = new FakeClock();
    const app = lab.app({ clock });
    let runs = 0;
    const task = app.task("task", { rateLimit: "2/s" }, () => ++runs);
    const first = await task.delay();
    const second = await task.applyAsync([], { expires: "400ms" });
    await lab.worker(app);
    assertEquals(await first.get({ timeout: PATIENCE }), 1);
    clock.advance(600);
    const error = await second.get({ propagate: false, timeout: PATIENCE });
    assertEquals((error as unknown as Error).name, "TaskRevokedError");
    assertEquals(runs, 1);
  },
);

/** Real time that can leap, as it does while a machine sleeps. */
class LeapingClock implements Clock {
  #leapt = 0;

  now(): number {
    return Date.now() + this.#leapt;
  }

  timer(ms: number, callback: () => void): () => void {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  }

  leap(ms: number): void {
    this.#leapt += ms;
  }
}

onMemory(
  "what was leased before a long pause of the worker is not started after it",
  async (lab) => {
    const clock = new LeapingClock();
    const store = await lab.store(clock);
    const [arrived, go] = [new Latch(), new Latch()];
    const { broker } = store;
    const slow = lateToGive(broker, arrived, go);
    const app = lab.app({
      ...{ clock, workerLease: "10s" },
      store: { ...faultyStore(store).store, broker: slow },
    });
    const losses: number[] = [];
    const task = app.task("task", { bind: true }, (self) => {
      losses.push(self.request.deliveryInfo.losses);
    });
    await lab.worker(app);
    const result = await task.delay();
    await soon(arrived.opened, "the lease");
    clock.leap(60_000);
    assertEquals((await broker.reap())[0]?.returned, [result.id]);
    go.open();
    await result.get({ timeout: PATIENCE });
    assertEquals(losses, [1]);
  },
);

onMemory(
  "a worker whose heartbeats a full store refuses goes on with what that gives",
  async (lab) => {
    const clock = new LeapingClock();
    const { store, faults } = faultyStore(await lab.store(clock));
    const app = lab.app({ store, clock, workerLease: "1s" });
    const task = app.task("task", () => "ran");
    await lab.worker(app);
    faults.down("broker.heartbeat");
    const beats = faults.count("broker.heartbeat");
    await until(() => faults.count("broker.heartbeat") > beats, "a beat");
    clock.leap(60_000);
    const result = await task.delay();
    assertEquals(await result.get({ timeout: PATIENCE }), "ran");
  },
);

onMemory(
  "what waits for a slot when the lease has lapsed is not started before the store was asked",
  async (lab) => {
    const clock = new LeapingClock();
    const store = await lab.store(clock);
    const app = lab.app({ clock, workerLease: "10s" });
    const [running, go] = [new Latch(), new Latch()];
    const starts: [string, number][] = [];
    const task = app.task("task", { bind: true }, async (self, n: string) => {
      starts.push([n, self.request.deliveryInfo.losses]);
      running.open();
      await go.opened;
    });
    // Those make it take more at a time than it has slots.
    const quick = app.task("quick", () => {});
    await app.sendMany(Array.from({ length: 1_000 }, () => quick.s()));
    const [first, second] = await app.sendMany([task.s("a"), task.s("b")]);
    await lab.worker(app, { concurrency: 1 });
    await soon(running.opened, "the first");
    await until(async () => {
      const [queue] = await store.inspector.queues();
      return queue?.running === 2;
    }, "both are held");
    // The process stands still, and others take over what it holds.
    clock.leap(60_000);
    const [reaped] = await store.broker.reap();
    assertEquals(reaped?.returned.length, 2);
    go.open();
    await first.get({ timeout: PATIENCE });
    await second.get({ timeout: PATIENCE });
    // The second starts once, as what comes again after a loss.
    assertEquals(starts.filter(([n]) => n === "b"), [["b", 1]]);
  },
);

onMemory(
  "what may be stale is not started while the store cannot be asked",
  async (lab) => {
    const clock = new LeapingClock();
    const store = await lab.store(clock);
    const { store: faulty, faults } = faultyStore(store);
    const [arrived, go] = [new Latch(), new Latch()];
    const slow = lateToGive(faulty.broker, arrived, go);
    const app = lab.app({
      ...{ clock, workerLease: "1s" },
      store: { ...faulty, broker: slow },
    });
    const losses: number[] = [];
    const task = app.task("task", { bind: true }, (self) => {
      losses.push(self.request.deliveryInfo.losses);
    });
    await lab.worker(app);
    const result = await task.delay();
    await soon(arrived.opened, "the lease");
    // The way to the store is cut, and not for the first time.
    faults.down("broker.heartbeat", "broker.settle", "inspector.find");
    const beats = faults.count("broker.heartbeat");
    await until(() => faults.count("broker.heartbeat") > beats, "a beat");
    clock.leap(60_000);
    assertEquals((await store.broker.reap())[0]?.returned, [result.id]);
    go.open();
    await until(() => faults.count("broker.settle") > 0, "it goes back");
    assertEquals(losses, []);
    faults.up();
    await result.get({ timeout: PATIENCE });
    assertEquals(losses, [1]);
  },
);

onMemory(
  "a worker says that a part of its store gives no tasks, until it does",
  async (lab) => {
    const store = await lab.store();
    const { broker } = store;
    let isAway = true;
    const partly = changed(broker, {
      async reserve(request) {
        const deliveries = await broker.reserve(request);
        if (isAway) request.failed?.(new StoreError("One server is away"));
        return deliveries;
      },
    });
    const app = lab.app({
      store: { ...faultyStore(store).store, broker: partly },
    });
    const task = app.task("task", () => "ran");
    const worker = await lab.worker(app);
    const run = async () => {
      const result = await task.delay();
      assertEquals(await result.get({ timeout: PATIENCE }), "ran");
    };
    await run();
    await until(
      () => worker.health.idle === "One server is away",
      "the worker to say so",
    );
    isAway = false;
    await run();
    await until(() => worker.health.idle === null, "the worker to be well");
  },
);

onMemory(
  "what waits for its turn goes back when the worker has lost its leases",
  async (lab) => {
    const clock = new LeapingClock();
    const app = lab.app({ clock, workerLease: "1s" });
    const runs: number[] = [];
    const options = { bind: true, rateLimit: "1/s" } as const;
    const task = app.task("task", options, (self, n: number) => {
      runs.push(n, self.request.deliveryInfo.losses);
    });
    const [first, second] = await app.sendMany([task.s(1), task.s(2)]);
    const worker = await lab.worker(app);
    await first.get({ timeout: PATIENCE });
    const store = await lab.store(clock);
    clock.leap(60_000);
    const [reaped] = await store.broker.reap();
    assertEquals(reaped?.returned, [second.id]);
    await second.get({ timeout: PATIENCE });
    await until(() => worker.totals.held === 0, "nothing is held");
    assertEquals(runs, [1, 0, 2, 1]);
  },
);

onMemory(
  "a worker that was paused does not judge others before it has beaten itself",
  async (lab) => {
    const clock = new LeapingClock();
    const app = lab.app({ clock, workerLease: "1s" });
    const running = new Latch();
    const go = new Latch();
    let runs = 0;
    const task = app.task("task", async () => {
      runs++;
      running.open();
      await go.opened;
      return runs;
    });
    await lab.worker(app);
    const result = await task.delay();
    await soon(running.opened, "the start");
    // Which chore comes first after a leap is a matter of luck: six leaps.
    for (let n = 0; n < 6; n++) {
      clock.leap(60_000);
      await new Promise((resolve) => setTimeout(resolve, 450));
    }
    go.open();
    assertEquals(await result.get({ timeout: PATIENCE }), 1);
    assertEquals((await result.inspect()).meta.losses ?? 0, 0);
  },
);

onSqlite(
  "with results elsewhere, a late worker does not overwrite what another said",
  async (lab) => {
    const clock = new FakeClock();
    const config = {
      clock,
      workerLease: "3s",
      resultBackend: `memory://${crypto.randomUUID()}`,
    } as const;
    const app = lab.app(config);
    const running = new Latch();
    const go = new Latch();
    const task = app.task("task", async () => {
      running.open();
      await go.opened;
      return "late";
    });
    const worker = await lab.worker(app);
    const result = await task.delay();
    await soon(running.opened, "the start");
    // Another worker takes it over, as after a lapse, and holds it.
    const store = await lab.store(clock);
    clock.advance(0);
    await store.broker.leave(worker.id);
    const [taken] = await reserve(store, "other");
    assertEquals(taken?.id, result.id);
    go.open();
    await worker.stop();
    assert(!await result.ready(), "the late worker stored its result");
  },
);

onSqlite(
  "with results elsewhere, an id that is sent again starts over",
  async (lab) => {
    const app = lab.app({ resultBackend: `memory://${crypto.randomUUID()}` });
    const task = app.task("task", (n: number) => n);
    const worker = await lab.worker(app);
    const first = await task.applyAsync([1], { taskId: "k" });
    assertEquals(await first.get({ timeout: PATIENCE }), 1);
    await worker.stop();
    const second = await task.applyAsync([2], { taskId: "k" });
    assert(!await second.ready(), "it shows the result of before");
    const done = nextEvent(app, "taskSuccess");
    await lab.worker(app);
    await done;
    assertEquals(await second.get({ timeout: PATIENCE }), 2);
  },
);

/** What was leased has arrived, but is not given before it may go. */
function lateToGive(broker: Broker, arrived: Latch, go: Latch): Broker {
  return changed(broker, {
    async reserve(request) {
      const deliveries = await broker.reserve(request);
      if (deliveries.length > 0) arrived.open();
      await go.opened;
      return deliveries;
    },
  });
}
