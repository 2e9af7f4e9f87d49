import { assertEquals, assertRejects } from "@std/assert";
import { ConfigError, Ignore, Reject } from "@lovage/lovage";
import {
  AssertionError,
  drain,
  enqueued,
  FakeClock,
} from "../../src/testing/mod.ts";
import { onEachStore, onMemory, PATIENCE } from "../_helpers.ts";

onEachStore("drain() runs what waits and what that sends", async (lab) => {
  const app = lab.app();
  const ran: string[] = [];
  const step = app.task("step", async (left: number) => {
    ran.push(`step ${left}`);
    if (left > 0) await step.applyAsync([left - 1], { queue: `q${left}` });
  });
  await step.delay(3);
  assertEquals(await drain(app), { SUCCESS: 4 });
  assertEquals(ran, ["step 3", "step 2", "step 1", "step 0"]);
  assertEquals(await drain(app), {});
});

onMemory("drain() counts what became of each task", async (lab) => {
  const clock = new FakeClock();
  const app = lab.app({ clock, taskUnknownTimeout: "1s" });
  app.task("good", () => 1);
  app.task("bad", () => {
    throw new Error("no");
  });
  app.task("retried", { bind: true }, (self) => self.retry({ countdown: 9 }));
  app.task("ignored", () => {
    throw new Ignore();
  });
  app.task("rejected", () => {
    throw new Reject();
  });
  for (const name of [...app.tasks.keys(), "unknown"]) await app.sendTask(name);
  await app.sendTask("good", [], { expires: 1, countdown: 2 });
  assertEquals(await drain(app), {
    FAILURE: 1,
    IGNORED: 1,
    REJECTED: 1,
    RETRY: 1,
    SUCCESS: 1,
  });
  assertEquals(await drain(app, { withScheduled: true }), {
    FAILURE: 2,
    RETRY: 2,
    REVOKED: 1,
  });
});

onMemory(
  "drain() runs tasks in the order in which they are served",
  async (lab) => {
    const app = lab.app();
    const ran: number[] = [];
    const note = app.task("note", async (n: number) => {
      await Promise.resolve();
      ran.push(n);
    });
    for (const [n, priority] of [[1, 9], [2, 4], [3, 0], [4, 4]] as const) {
      await note.applyAsync([n], { priority });
    }
    await drain(app);
    assertEquals(ran, [3, 2, 4, 1]);
  },
);

onMemory("drain() leaves what is scheduled alone", async (lab) => {
  const app = lab.app({ clock: new FakeClock() });
  const later = app.task("later", () => {});
  await later.applyAsync([], { countdown: 1 });
  assertEquals(await drain(app), {});
  assertEquals((await enqueued(app)).length, 1);
});

onMemory(
  "drain() runs what is due, though no worker has looked yet",
  async (lab) => {
    const clock = new FakeClock();
    const app = lab.app({ clock });
    const later = app.task("later", () => {});
    await later.applyAsync([], { countdown: 1 });
    clock.advance(1000);
    assertEquals(await drain(app), { SUCCESS: 1 });
  },
);

onEachStore(
  "drain({ withScheduled }) goes from eta to eta, years if need be",
  async (lab) => {
    const clock = new FakeClock(0);
    const app = lab.app({ clock });
    const at: number[] = [];
    const note = app.task("note", () => at.push(clock.now()));
    await note.applyAsync([], { countdown: "400d" });
    await note.applyAsync([], { eta: new Date(10_000) });
    await note.delay();
    await drain(app, { withScheduled: true });
    assertEquals(at, [0, 10_000, 400 * 86_400_000]);
  },
);

onMemory(
  "drain({ withScheduled }) runs retries, each at its time",
  async (lab) => {
    const clock = new FakeClock(0);
    const app = lab.app({ clock });
    const at: number[] = [];
    const flaky = app.task("flaky", {
      autoretryFor: [TypeError],
      retryBackoff: 2,
      retryJitter: false,
      maxRetries: 3,
    }, () => {
      at.push(clock.now());
      throw new TypeError("down");
    });
    const result = await flaky.delay();
    assertEquals(await drain(app, { withScheduled: true }), {
      FAILURE: 1,
      RETRY: 3,
    });
    assertEquals(at, [0, 2_000, 6_000, 14_000]);
    await assertRejects(() => result.get({ timeout: PATIENCE }), TypeError);
  },
);

onMemory("drain() does not keep rate limits", async (lab) => {
  const app = lab.app({ clock: new FakeClock() });
  const slow = app.task("slow", { rateLimit: "1/h" }, () => {});
  await app.sendMany([slow.s(), slow.s(), slow.s()]);
  assertEquals(await drain(app), { SUCCESS: 3 });
});

onMemory(
  "drain() ends with an error when tasks send themselves without end",
  async (lab) => {
    const app = lab.app();
    const loop = app.task("loop", async () => {
      await loop.delay();
    });
    await loop.delay();
    await assertRejects(
      () => drain(app, { max: 5 }),
      AssertionError,
      "does a task send itself?",
    );
  },
);

onMemory(
  "drain() runs tasks that wait for each other, given the slots",
  async (lab) => {
    const app = lab.app();
    const inner = app.task("inner", () => 20);
    const outer = app.task("outer", async () => {
      const result = await inner.delay();
      return 1 + await result.get({ allowInsideTask: true });
    });
    const result = await outer.delay();
    assertEquals(await drain(app, { concurrency: 2 }), { SUCCESS: 2 });
    assertEquals(await result.get(), 21);
  },
);

onMemory(
  "drain({ withScheduled }) refuses a clock that it cannot advance",
  async (lab) => {
    await assertRejects(
      () => drain(lab.app(), { withScheduled: true }),
      ConfigError,
      "testApp(app)",
    );
  },
);

onMemory("drain() leaves no worker behind", async (lab) => {
  const app = lab.app();
  await app.task("one", () => {}).delay();
  await drain(app);
  const store = await lab.store();
  assertEquals(await store.inspector.consumers(), []);
});

onEachStore(
  "drain() leaves alone what waits in a paused queue",
  async (lab) => {
    const app = lab.app();
    const noop = app.task("noop", () => {});
    await app.control.pause("paused");
    await noop.applyAsync([], { queue: "paused" });
    await noop.delay();
    assertEquals(await drain(app), { SUCCESS: 1 });
    await app.control.resume("paused");
    assertEquals(await drain(app), { SUCCESS: 1 });
  },
);

onMemory(
  "what a rate of the cluster holds back counts as scheduled",
  async (lab) => {
    const clock = new FakeClock();
    const app = lab.app({ clock });
    const task = app.task(
      "task",
      { rateLimit: { limit: "2/h", scope: "cluster" } },
      () => {},
    );
    await app.sendMany(Array.from({ length: 5 }, () => task.s()));
    assertEquals(await drain(app), { SUCCESS: 2 });
    const start = clock.now();
    assertEquals(await drain(app, { withScheduled: true }), { SUCCESS: 3 });
    assertEquals(clock.now() - start >= 7_200_000, true);
  },
);
