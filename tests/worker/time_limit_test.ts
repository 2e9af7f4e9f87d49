import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  SoftTimeLimitExceeded,
  type TaskContext,
  TimeLimitExceeded,
} from "@lovage/lovage";
import { FakeClock } from "../../src/testing/mod.ts";
import {
  Latch,
  nextEvent,
  onEachStore,
  onMemory,
  PATIENCE,
  soon,
} from "../_helpers.ts";

onEachStore(
  "the soft limit aborts the signal, and the task can clean up",
  async (lab) => {
    const app = lab.app();
    let cleaned = false;
    const task = app.task(
      "task",
      { bind: true, softTimeLimit: "20ms" },
      async (self) => {
        try {
          await new Promise((_, reject) =>
            self.signal.addEventListener(
              "abort",
              () => reject(self.signal.reason),
            )
          );
        } finally {
          cleaned = true;
        }
      },
    );
    await lab.worker(app);
    const result = await task.delay();
    await assertRejects(
      () => result.get({ timeout: PATIENCE }),
      SoftTimeLimitExceeded,
      "longer than its soft time limit of 20 ms",
    );
    assert(cleaned);
  },
);

onMemory("a task that ends after its soft limit has succeeded", async (lab) => {
  const app = lab.app();
  const task = app.task(
    "task",
    { bind: true, softTimeLimit: "10ms" },
    async (self) => {
      await new Promise((resolve) =>
        self.signal.addEventListener("abort", resolve)
      );
      return "partial";
    },
  );
  await lab.worker(app);
  const result = await task.delay();
  assertEquals(await result.get({ timeout: PATIENCE }), "partial");
});

onMemory("checkpoint() throws once the soft limit is over", async (lab) => {
  const app = lab.app();
  const task = app.task(
    "task",
    { bind: true, softTimeLimit: "10ms" },
    async (self) => {
      for (;;) {
        self.checkpoint();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    },
  );
  await lab.worker(app);
  const result = await task.delay();
  await assertRejects(
    () => result.get({ timeout: PATIENCE }),
    SoftTimeLimitExceeded,
  );
});

onEachStore(
  "the hard limit ends a task that does not heed the soft one",
  async (lab) => {
    const app = lab.app();
    const go = new Latch();
    const task = app.task(
      "task",
      { softTimeLimit: "10ms", timeLimit: "30ms" },
      async () => {
        await go.opened;
        return "too late";
      },
    );
    const worker = await lab.worker(app);
    const failure = nextEvent(app, "taskFailure");
    const result = await task.delay();
    await assertRejects(
      () => result.get({ timeout: PATIENCE }),
      TimeLimitExceeded,
      "30 ms",
    );
    assert((await failure).error instanceof TimeLimitExceeded);
    go.open();
    await worker.stop();
    assertEquals(await result.state(), "FAILURE");
  },
);

onMemory("a slot is free again once the hard limit is over", async (lab) => {
  const app = lab.app();
  const go = new Latch();
  const stuck = app.task("stuck", { timeLimit: "20ms" }, () => go.opened);
  const quick = app.task("quick", () => "ran");
  await lab.worker(app, { concurrency: 1 });
  await stuck.delay();
  const result = await quick.delay();
  assertEquals(await result.get({ timeout: PATIENCE }), "ran");
  go.open();
});

onMemory(
  "limits of the call override those of the task, null lifts them",
  async (lab) => {
    const clock = new FakeClock();
    const app = lab.app({ clock, taskTimeLimit: "1h" });
    const limits: unknown[] = [];
    const task = app.task(
      "task",
      { bind: true, softTimeLimit: 5, timeLimit: 10 },
      (self) => {
        limits.push([self.request.softTimeLimit, self.request.timeLimit]);
      },
    );
    const plain = app.task("plain", { bind: true }, (self) => {
      limits.push([self.request.softTimeLimit, self.request.timeLimit]);
    });
    await lab.worker(app, { concurrency: 1 });
    await task.delay();
    await task.applyAsync([], { softTimeLimit: "1s", timeLimit: "2s" });
    await task.applyAsync([], { softTimeLimit: null, timeLimit: null });
    await soon((await plain.delay()).get({ timeout: PATIENCE }), "all");
    assertEquals(limits, [
      [5_000, 10_000],
      [1_000, 2_000],
      [null, null],
      [null, 3_600_000],
    ]);
  },
);

onMemory(
  "the worker's own limits are those of tasks without any",
  async (lab) => {
    const app = lab.app();
    const seen: unknown[] = [];
    const task = app.task("task", { bind: true }, (self) => {
      seen.push(self.request.softTimeLimit, self.request.timeLimit);
    });
    await lab.worker(app, { softTimeLimit: "1s", timeLimit: "2s" });
    await (await task.delay()).get({ timeout: PATIENCE });
    assertEquals(seen, [1_000, 2_000]);
  },
);

onMemory("a soft limit can be retried like any other error", async (lab) => {
  const app = lab.app();
  const task = app.task("task", {
    bind: true,
    softTimeLimit: "10ms",
    autoretryFor: [SoftTimeLimitExceeded],
    retryKwargs: { countdown: 0 },
  }, async (self) => {
    if (self.request.retries > 0) return self.request.retries;
    await new Promise((resolve) =>
      self.signal.addEventListener("abort", resolve)
    );
    self.checkpoint();
    return 0;
  });
  await lab.worker(app);
  const result = await task.delay();
  assertEquals(await result.get({ timeout: PATIENCE }), 1);
});

onMemory("the worker says what its pool cannot enforce", async (lab) => {
  const worker = await lab.worker(lab.app());
  assert(worker.warnings.some((each) => each.includes("time limits")));
});

onMemory("0 is no limit, wherever it is said", async (lab) => {
  const clock = new FakeClock();
  const app = lab.app({ clock, taskTimeLimit: "1h", taskSoftTimeLimit: "30m" });
  const none = { softTimeLimit: 0, timeLimit: 0 };
  const limits: unknown[] = [];
  const note = (self: TaskContext) => {
    limits.push([self.request.softTimeLimit, self.request.timeLimit]);
  };
  const unlimited = app.task("unlimited", { bind: true, ...none }, note);
  const plain = app.task("plain", { bind: true }, note);
  const soft = app.task("soft", {
    bind: true,
    softTimeLimit: "1s",
    timeLimit: 0,
  }, note);
  const worker = await lab.worker(app);
  await (await unlimited.delay()).get({ timeout: PATIENCE });
  await (await plain.applyAsync([], none)).get({ timeout: PATIENCE });
  await (await soft.delay()).get({ timeout: PATIENCE });
  await worker.stop();
  // Of the worker: they lift the app's.
  await lab.worker(app, none);
  await (await plain.delay()).get({ timeout: PATIENCE });
  assertEquals(limits, [[null, null], [null, null], [1_000, null], [
    null,
    null,
  ]]);
  const free = lab.app({ taskTimeLimit: 0, taskSoftTimeLimit: "0s" }, "free");
  assertEquals(
    [free.conf["taskTimeLimit"], free.conf["taskSoftTimeLimit"]],
    [null, null],
  );
});
