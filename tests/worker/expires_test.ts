import { assertEquals, assertRejects } from "@std/assert";
import { TaskRevokedError } from "@lovage/lovage";
import { drain, FakeClock } from "../../src/testing/mod.ts";
import { type Lab, nextEvent, onEachStore, onMemory } from "../_helpers.ts";

function timed(lab: Lab) {
  const clock = new FakeClock();
  const app = lab.app({ clock });
  const task = app.task("task", () => "ran");
  return { app, clock, task };
}

onEachStore(
  "a task that comes after its expiry is REVOKED and does not run",
  async (lab) => {
    const { app, clock, task } = timed(lab);
    const revoked = nextEvent(app, "taskRevoked");
    const result = await task.applyAsync([], { expires: 10 });
    clock.advance(10_000);
    assertEquals(await drain(app), { REVOKED: 1 });
    await assertRejects(
      () => result.get(),
      TaskRevokedError,
      "expired before it could start",
    );
    assertEquals(await result.state(), "REVOKED");
    assertEquals(await revoked, {
      taskId: result.id,
      task: "task",
      terminated: false,
      expired: true,
    });
  },
);

onMemory("a task that comes before its expiry runs", async (lab) => {
  const { app, clock, task } = timed(lab);
  const result = await task.applyAsync([], {
    expires: new Date(clock.now() + 10_000),
  });
  clock.advance(9_999);
  await drain(app);
  assertEquals(await result.get(), "ran");
});

onMemory(
  "a task can have an expiry of its own, which the call overrides",
  async (lab) => {
    const { app, clock } = timed(lab);
    const brief = app.task("brief", { expires: "1s" }, () => "ran");
    const own = await brief.delay();
    const called = await brief.applyAsync([], { expires: "1m" });
    clock.advance(2_000);
    assertEquals(await drain(app), { REVOKED: 1, SUCCESS: 1 });
    assertEquals(await own.state(), "REVOKED");
    assertEquals(await called.get(), "ran");
  },
);

onMemory(
  "a task whose eta lies after its expiry is REVOKED when its time comes",
  async (lab) => {
    const { app, task } = timed(lab);
    const result = await task.applyAsync([], { countdown: 20, expires: 10 });
    await drain(app, { withScheduled: true });
    assertEquals(await result.state(), "REVOKED");
  },
);

onMemory("a retry that comes after the expiry is REVOKED", async (lab) => {
  const { app } = timed(lab);
  const task = app.task(
    "again",
    { bind: true },
    (self) => self.retry({ countdown: 20 }),
  );
  const result = await task.applyAsync([], { expires: 10 });
  assertEquals(await drain(app, { withScheduled: true }), {
    RETRY: 1,
    REVOKED: 1,
  });
  assertEquals(await result.state(), "REVOKED");
});

onMemory(
  "an expired task is REVOKED also where nobody knows it",
  async (lab) => {
    const { app } = timed(lab);
    const result = await app.sendTask("unknown", [], { expires: "200ms" });
    assertEquals(await drain(app, { withScheduled: true }), { REVOKED: 1 });
    assertEquals(await result.state(), "REVOKED");
  },
);
