import { assert, assertEquals, assertRejects } from "@std/assert";
import { WorkerLostError } from "@lovage/lovage";
import { drain, FakeClock } from "../../src/testing/mod.ts";
import { type Lab, nextEvent, onEachStore, reserve } from "../_helpers.ts";

const LEASE = 10_000;

/** Workers that take everything and are never heard of again. */
async function loseWorkers(
  lab: Lab,
  clock: FakeClock,
  count: number,
): Promise<void> {
  const store = await lab.store(clock);
  for (let worker = 1; worker <= count; worker++) {
    const id = `lost-${worker}`;
    await store.broker.heartbeat({
      id,
      name: `${id}@far`,
      lease: LEASE,
      details: {},
    });
    assert((await reserve(store, id)).length > 0, "nothing to lose");
    clock.advance(LEASE + 1);
    await store.broker.reap();
  }
}

onEachStore("a task whose worker is lost runs again elsewhere", async (lab) => {
  const clock = new FakeClock();
  const app = lab.app({ clock });
  const task = app.task(
    "task",
    { bind: true },
    (self) => [self.request.retries, self.request.deliveryInfo],
  );
  const result = await task.delay();
  await loseWorkers(lab, clock, 2);
  await drain(app);
  assertEquals(await result.get(), [0, {
    queue: "default",
    priority: 4,
    redelivered: true,
    losses: 2,
  }]);
  assertEquals((await result.inspect()).meta.losses, 2);
});

onEachStore(
  "a task with which too many workers were lost is given up",
  async (lab) => {
    const clock = new FakeClock();
    const app = lab.app({ clock });
    let ran = false;
    const task = app.task("task", () => {
      ran = true;
    });
    const failed = app.task("failed", () => "told");
    const result = await task.applyAsync([], {
      linkError: failed.si().set({ taskId: "failed" }),
    });
    await loseWorkers(lab, clock, 3);
    const failure = nextEvent(app, "taskFailure");
    assertEquals(await drain(app), { FAILURE: 1, SUCCESS: 1 });
    assertEquals(ran, false);
    await assertRejects(
      () => result.get(),
      WorkerLostError,
      "the worker or host process that held it was lost 3 times",
    );
    assertEquals((await failure).taskId, result.id);
    assertEquals(await app.AsyncResult("failed").get(), "told");
    const store = await lab.store();
    const { items } = await store.deadLetters.list({ limit: 9 });
    assertEquals(items.map(({ id, reason }) => [id, reason]), [
      [result.id, "WorkerLostError"],
    ]);
  },
);

onEachStore("a dead letter that is redriven starts over", async (lab) => {
  const clock = new FakeClock();
  const app = lab.app({ clock, taskMaxDeliveries: 1 });
  const task = app.task("task", { bind: true }, (self) => self.request.args[0]);
  const result = await task.delay(...[7] as unknown as []);
  await loseWorkers(lab, clock, 1);
  await drain(app);
  assertEquals(await result.state(), "FAILURE");
  const store = await lab.store(clock);
  assertEquals(await store.deadLetters.redrive(null), 1);
  assertEquals(await result.state(), "PENDING");
  assertEquals(await drain(app), { SUCCESS: 1 });
  assertEquals(await result.get(), 7);
  assertEquals((await store.deadLetters.list({ limit: 9 })).items, []);
});

onEachStore(
  "taskMaxDeliveries says how many losses are too many",
  async (lab) => {
    const clock = new FakeClock();
    const app = lab.app({ clock, taskMaxDeliveries: 2 });
    const result = await app.sendTask("task");
    app.task("task", () => "ran");
    await loseWorkers(lab, clock, 2);
    assertEquals(await drain(app), { FAILURE: 1 });
    await assertRejects(() => result.get(), WorkerLostError, "2 times");
  },
);
