import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConfigError, Ignore, Reject } from "@lovage/lovage";
import { drain, FakeClock } from "../../src/testing/mod.ts";
import {
  Latch,
  nextEvent,
  onEachStore,
  onMemory,
  PATIENCE,
  until,
} from "../_helpers.ts";

onEachStore(
  "a task goes from PENDING over RECEIVED to SUCCESS, each with its time",
  async (lab) => {
    const clock = new FakeClock(1_000);
    const app = lab.app({ clock });
    const gate = new Latch();
    const task = app.task("task", async () => {
      await gate.opened;
      return "done";
    });
    const result = await task.delay();
    assertEquals(await result.state(), "PENDING");
    clock.advance(10);
    const worker = await lab.worker(app, { hostname: "w1" });
    await until(async () => await result.state() === "RECEIVED", "RECEIVED");
    assertEquals(await result.dateDone(), undefined);
    clock.advance(5);
    gate.open();
    assertEquals(await result.get({ timeout: PATIENCE }), "done");
    const info = await result.inspect();
    assertEquals(info.state, "SUCCESS");
    assertEquals(info.dateDone, new Date(1_015));
    assertEquals(info.task, "task");
    assertEquals(info.worker, worker.hostname);
    assertEquals(info.meta.retries, 0);
    assertEquals(info.meta.times, {
      PENDING: 1_000,
      RECEIVED: 1_010,
      STARTED: 1_010,
      SUCCESS: 1_015,
    });
  },
);

onEachStore("STARTED is stored when it is asked for", async (lab) => {
  const app = lab.app();
  const gate = new Latch();
  const task = app.task(
    "task",
    { trackStarted: true },
    async () => await gate.opened,
  );
  const result = await task.delay();
  await lab.worker(app, { hostname: "w1@here" });
  await until(async () => await result.state() === "STARTED", "STARTED");
  const info = await result.inspect();
  assertEquals(info.worker, "w1@here");
  assert((info.meta.times?.["STARTED"] ?? 0) > 0);
  assertEquals(await result.ready(), false);
  gate.open();
  await result.get({ timeout: PATIENCE });
  assertEquals(await result.state(), "SUCCESS");
});

onEachStore("a task stores states of its own, with metadata", async (lab) => {
  const app = lab.app();
  const gate = new Latch();
  const task = app.task("task", { bind: true }, async (self) => {
    await self.updateState("PROGRESS", { done: 1, of: 2n });
    await gate.opened;
  });
  const result = await task.delay();
  await lab.worker(app);
  await until(async () => await result.state() === "PROGRESS", "PROGRESS");
  const info = await result.inspect();
  assertEquals(info.info, { done: 1, of: 2n });
  assertEquals(info.result, undefined);
  assertEquals(await result.ready(), false);
  gate.open();
  await result.get({ timeout: PATIENCE });
  assertEquals(await result.state(), "SUCCESS");
});

onMemory("a state of its own cannot be a final one", async (lab) => {
  const app = lab.app();
  const task = app.task(
    "task",
    { bind: true },
    (self, state: string) => self.updateState(state),
  );
  for (const state of ["SUCCESS", "FAILURE", "REVOKED", ""]) {
    const result = await task.delay(state);
    await drain(app);
    await assertRejects(() => result.get(), ConfigError, "updateState()");
  }
});

onMemory("a state that comes after the end changes nothing", async (lab) => {
  const app = lab.app();
  const late = new Latch();
  let update = Promise.resolve();
  const task = app.task("task", { bind: true }, (self) => {
    update = late.opened.then(() => self.updateState("PROGRESS", 1));
    return "done";
  });
  const result = await task.delay();
  await drain(app);
  late.open();
  await update;
  assertEquals(await result.state(), "SUCCESS");
  assertEquals(await result.get(), "done");
});

onMemory(
  "RETRY gives way to RECEIVED when the next run begins",
  async (lab) => {
    const clock = new FakeClock();
    const app = lab.app({ clock });
    const gate = new Latch();
    const task = app.task("task", { bind: true }, async (self) => {
      if (self.request.retries === 0) self.retry({ countdown: 5 });
      await gate.opened;
    });
    const result = await task.delay();
    await drain(app);
    assertEquals(await result.state(), "RETRY");
    clock.advance(5_000);
    await lab.worker(app);
    await until(async () => await result.state() === "RECEIVED", "RECEIVED");
    gate.open();
    await result.get({ timeout: PATIENCE });
  },
);

onEachStore("Ignore acknowledges and stores nothing", async (lab) => {
  const app = lab.app();
  const task = app.task("task", () => {
    throw new Ignore();
  });
  const result = await task.delay();
  assertEquals(await drain(app), { IGNORED: 1 });
  assertEquals(await result.state(), "PENDING");
  assertEquals(await drain(app), {});
});

onMemory("Ignore keeps the state that the task stored itself", async (lab) => {
  const app = lab.app();
  const task = app.task("task", { bind: true }, async (self) => {
    await self.updateState("SKIPPED", "nothing to do");
    throw new Ignore();
  });
  const result = await task.delay();
  await drain(app);
  assertEquals(await result.state(), "SKIPPED");
  assertEquals(await result.info(), "nothing to do");
});

onEachStore(
  "Reject sends the message to the dead letters, and nobody waits in vain",
  async (lab) => {
    const app = lab.app();
    const failed = app.task("failed", () => {});
    const task = app.task("task", (_n: number) => {
      throw new Reject("not for me");
    });
    const result = await task.applyAsync([7], {
      linkError: failed.si().set({ taskId: "callback" }),
    });
    const rejected = nextEvent(app, "taskRejected");
    assertEquals(await drain(app), { REJECTED: 1, SUCCESS: 1 });
    assertEquals((await rejected).reason, "not for me");
    await assertRejects(() => result.get(), Reject, "not for me");
    const store = await lab.store();
    const { items } = await store.deadLetters.list({ limit: 9 });
    assertEquals(items.map(({ id, reason, detail }) => [id, reason, detail]), [
      [result.id, "Reject", "not for me"],
    ]);
  },
);

onEachStore(
  "Reject({ requeue }) puts the message back as it was",
  async (lab) => {
    const app = lab.app();
    const seen: unknown[] = [];
    const task = app.task("task", { bind: true }, (self) => {
      seen.push([self.request.retries, self.request.deliveryInfo.losses]);
      if (seen.length < 3) throw new Reject("later", { requeue: true });
      return "done";
    });
    const result = await task.delay();
    assertEquals(await drain(app), { REJECTED: 2, SUCCESS: 1 });
    assertEquals(await result.get(), "done");
    assertEquals(seen, [[0, 0], [0, 0], [0, 0]]);
  },
);
