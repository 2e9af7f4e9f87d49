import { assertEquals, assertRejects } from "@std/assert";
import { drain, FakeClock } from "../../src/testing/mod.ts";
import { Latch, onEachStore, onMemory, PATIENCE, soon } from "../_helpers.ts";

onEachStore(
  "by default a task stays in its queue until it has run",
  async (lab) => {
    const app = lab.app();
    const store = await lab.store();
    let running: unknown;
    const task = app.task("task", async () => {
      const [queue] = await store.inspector.queues();
      running = queue?.running;
    });
    await task.delay();
    await drain(app);
    assertEquals(running, 1);
  },
);

onEachStore("acksLate: false takes a task out before it runs", async (lab) => {
  const app = lab.app();
  const store = await lab.store();
  let live: unknown;
  const task = app.task(
    "task",
    { acksLate: false, bind: true },
    async (self) => {
      [live] = await store.inspector.find([self.request.id]);
      return "ran";
    },
  );
  const result = await task.delay();
  await drain(app);
  assertEquals(live, undefined);
  assertEquals(await result.get(), "ran");
});

onMemory(
  "acksLate: false runs a task at most once, though its worker is lost",
  async (lab) => {
    const clock = new FakeClock();
    const app = lab.app({ clock });
    let runs = 0;
    const running = new Latch();
    const stuck = new Latch();
    const task = app.task("task", { acksLate: false }, async () => {
      runs++;
      running.open();
      await stuck.opened;
    });
    const worker = await lab.worker(app);
    await task.delay();
    await soon(running.opened, "the start");
    await worker.stop("cold");
    stuck.open();
    assertEquals(await drain(app), {});
    assertEquals(runs, 1);
  },
);

onEachStore(
  "acksLate: false retries, links and fails as usual",
  async (lab) => {
    const app = lab.app({ clock: new FakeClock() });
    const done = app.task("done", (n: number) => n * 2);
    const failed = app.task("failed", () => "told");
    const task = app.task(
      "task",
      { acksLate: false, bind: true, maxRetries: 1 },
      (self, good: boolean) => {
        if (!good) throw new TypeError("bad");
        if (self.request.retries === 0) self.retry({ countdown: 5 });
        return 21;
      },
    );
    const good = await task.applyAsync([true], {
      link: done.s().set({ taskId: "done" }),
    });
    const bad = await task.applyAsync([false], {
      linkError: failed.si().set({ taskId: "failed" }),
    });
    await drain(app, { withScheduled: true });
    assertEquals(await good.get(), 21);
    assertEquals(await app.AsyncResult("done").get(), 42);
    await assertRejects(() => bad.get(), TypeError, "bad");
    assertEquals(await app.AsyncResult("failed").get(), "told");
  },
);

onMemory(
  "acksLate: false: what has not started goes back when the worker stops",
  async (lab) => {
    const app = lab.app();
    const running = new Latch();
    const go = new Latch();
    const task = app.task("task", { acksLate: false }, async (n: number) => {
      running.open();
      await go.opened;
      return n;
    });
    const first = await task.delay(1);
    const worker = await lab.worker(app, { concurrency: 1 });
    await soon(running.opened, "the start");
    const second = await task.delay(2);
    const stopped = worker.stop();
    go.open();
    await stopped;
    assertEquals(await first.get({ timeout: PATIENCE }), 1);
    assertEquals(await drain(app), { SUCCESS: 1 });
    assertEquals(await second.get(), 2);
  },
);

onMemory(
  "taskAcksLate is the default of tasks that say nothing",
  async (lab) => {
    const app = lab.app({ taskAcksLate: false });
    const store = await lab.store();
    const early = app.task("early", { bind: true }, async (self) => {
      return (await store.inspector.find([self.request.id]))[0] === undefined;
    });
    const late = app.task(
      "late",
      { bind: true, acksLate: true },
      async (self) => {
        return (await store.inspector.find([self.request.id]))[0] === undefined;
      },
    );
    const results = [await early.delay(), await late.delay()];
    await drain(app);
    assertEquals(await results[0]!.get(), true);
    assertEquals(await results[1]!.get(), false);
  },
);
