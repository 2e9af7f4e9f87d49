import { assertEquals, assertRejects } from "@std/assert";
import { TaskRevokedError } from "@lovage/lovage";
import { drain, enqueued, FakeClock } from "../../src/testing/mod.ts";
import {
  Latch,
  nextEvent,
  onEachStore,
  onMemory,
  PATIENCE,
  soon,
} from "../_helpers.ts";

onEachStore("revoke() takes a queued task out", async (lab) => {
  const app = lab.app();
  const task = app.task("task", () => "ran");
  const [one, two] = await app.sendMany([task.s(), task.s()]);
  await one!.revoke();
  assertEquals((await enqueued(app)).map(({ id }) => id), [two!.id]);
  assertEquals(await one!.state(), "REVOKED");
  await assertRejects(() => one!.get(), TaskRevokedError, one!.id);
  assertEquals(await drain(app), { SUCCESS: 1 });
});

onEachStore("revoke() takes a scheduled task out", async (lab) => {
  const app = lab.app({ clock: new FakeClock() });
  const task = app.task("task", () => "ran");
  const result = await task.applyAsync([], { countdown: 60 });
  await result.revoke();
  assertEquals(await drain(app, { withScheduled: true }), {});
  assertEquals(await result.state(), "REVOKED");
});

onEachStore(
  "revoke() of a running task aborts its signal, from any app",
  async (lab) => {
    const app = lab.app();
    const other = lab.app({}, "other");
    const running = new Latch();
    const task = app.task("task", { bind: true }, async (self) => {
      running.open();
      await new Promise((_, reject) =>
        self.signal.addEventListener("abort", () => reject(self.signal.reason))
      );
    });
    await lab.worker(app);
    const result = await task.delay();
    await soon(running.opened, "the start");
    const revoked = nextEvent(app, "taskRevoked");
    await other.AsyncResult(result.id).revoke();
    await assertRejects(
      () => result.get({ timeout: PATIENCE }),
      TaskRevokedError,
      "was revoked while it ran",
    );
    assertEquals(await result.state(), "REVOKED");
    assertEquals(await revoked, {
      taskId: result.id,
      task: "task",
      terminated: false,
      expired: false,
    });
  },
);

onMemory("revoke() of a running task reaches checkpoint()", async (lab) => {
  const app = lab.app();
  const running = new Latch();
  const task = app.task("task", { bind: true }, async (self) => {
    running.open();
    for (;;) {
      self.checkpoint();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  });
  await lab.worker(app);
  const result = await task.delay();
  await soon(running.opened, "the start");
  await result.revoke();
  const error = await assertRejects(
    () => result.get({ timeout: PATIENCE }),
    TaskRevokedError,
  );
  assertEquals(
    error.message,
    `Task "task" (${result.id}) was revoked while it ran`,
  );
});

onMemory("a revoked task that pays no heed ends as it will", async (lab) => {
  const app = lab.app();
  const running = new Latch();
  const go = new Latch();
  const task = app.task("task", async () => {
    running.open();
    await go.opened;
    return "stubborn";
  });
  await lab.worker(app);
  const result = await task.delay();
  await soon(running.opened, "the start");
  await result.revoke();
  go.open();
  assertEquals(await result.get({ timeout: PATIENCE }), "stubborn");
});

onEachStore(
  "revoke({ terminate }) ends a running task whatever it does",
  async (lab) => {
    const app = lab.app();
    const running = new Latch();
    const go = new Latch();
    const task = app.task("task", async () => {
      running.open();
      await go.opened;
      return "too late";
    });
    const worker = await lab.worker(app);
    const result = await task.delay();
    await soon(running.opened, "the start");
    const revoked = nextEvent(app, "taskRevoked");
    await result.revoke({ terminate: true });
    await assertRejects(
      () => result.get({ timeout: PATIENCE }),
      TaskRevokedError,
    );
    assertEquals((await revoked).terminated, true);
    assertEquals(worker.totals.held, 0);
    go.open();
    await worker.stop();
    assertEquals(await result.state(), "REVOKED");
  },
);

onEachStore(
  "revoke() of an id that is not known yet is remembered",
  async (lab) => {
    const app = lab.app();
    const task = app.task("task", () => "ran");
    await app.AsyncResult("early").revoke();
    const result = await task.applyAsync([], { taskId: "early" });
    assertEquals(await drain(app), { REVOKED: 1 });
    assertEquals(await result.state(), "REVOKED");
  },
);

onMemory(
  "a revoked task is REVOKED also where nobody knows it",
  async (lab) => {
    const app = lab.app({ clock: new FakeClock() });
    await app.AsyncResult("early").revoke();
    await app.sendTask("unknown", [], { taskId: "early" });
    assertEquals(await drain(app), { REVOKED: 1 });
  },
);

onMemory(
  "a revoked task that asks for a retry is not run again",
  async (lab) => {
    const app = lab.app();
    const running = new Latch();
    const go = new Latch();
    const task = app.task("task", { bind: true }, async (self) => {
      running.open();
      await go.opened;
      self.retry({ countdown: 0 });
    });
    const worker = await lab.worker(app);
    const result = await task.delay();
    await soon(running.opened, "the start");
    await result.revoke();
    go.open();
    await assertRejects(
      () => result.get({ timeout: PATIENCE }),
      TaskRevokedError,
    );
    assertEquals(worker.totals.ended["success"], undefined);
  },
);

onMemory("revoke() of a task that has ended changes nothing", async (lab) => {
  const app = lab.app();
  const task = app.task("task", () => "ran");
  const result = await task.delay();
  await drain(app);
  await result.revoke();
  assertEquals(await result.state(), "SUCCESS");
  assertEquals(await result.get(), "ran");
});

onMemory(
  "a task that meets the revocation of another one fails, it is not revoked",
  async (lab) => {
    const app = lab.app();
    const other = app.AsyncResult("other");
    await other.revoke();
    await app.sendTask("inner", [], { taskId: "other" });
    app.task("inner", () => {});
    await drain(app);
    const outer = app.task(
      "outer",
      () => other.get({ allowInsideTask: true }),
    );
    const result = await outer.delay();
    assertEquals(await drain(app), { FAILURE: 1 });
    assertEquals(await result.state(), "FAILURE");
  },
);
