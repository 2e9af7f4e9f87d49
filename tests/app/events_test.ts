import { assert, assertEquals } from "@std/assert";
import {
  type AppEvents,
  type EventName,
  type Lovage,
  Reject,
} from "@lovage/lovage";
import { drain, FakeClock } from "../../src/testing/mod.ts";
import { nextEvent, onMemory, PATIENCE } from "../_helpers.ts";

type Told = {
  [Name in EventName]: readonly [Name, AppEvents[Name]];
}[EventName];

const IN_PROCESS: readonly EventName[] = [
  "beforeTaskPublish",
  "afterTaskPublish",
  "taskReceived",
  "taskPrerun",
  "taskPostrun",
  "taskSuccess",
  "taskRetry",
  "taskFailure",
  "taskRevoked",
  "taskUnknown",
  "taskRejected",
  "workerInit",
  "workerReady",
  "workerShuttingDown",
  "workerShutdown",
];

function listen(app: Lovage): Told[] {
  const told: Told[] = [];
  for (const name of IN_PROCESS) {
    app.on(name, (event) => told.push([name, event] as unknown as Told));
  }
  return told;
}

const names = (told: readonly Told[]): EventName[] =>
  told.map(([name]) => name);

onMemory(
  "a task that succeeds is told of from its publishing to its end",
  async (lab) => {
    const app = lab.app();
    const task = app.task("task", (n: number) => n + 1);
    const told = listen(app);
    const result = await task.delay(1);
    await drain(app);
    assertEquals(names(told), [
      "beforeTaskPublish",
      "afterTaskPublish",
      "workerInit",
      "workerReady",
      "taskReceived",
      "taskPrerun",
      "taskSuccess",
      "taskPostrun",
      "workerShuttingDown",
      "workerShutdown",
    ]);
    const about = { taskId: result.id, task: "task" };
    const event = Object.fromEntries(told);
    const { message } = told[0]![1] as AppEvents["beforeTaskPublish"];
    assertEquals([message.id, message.queue], [result.id, "default"]);
    assertEquals(event["taskReceived"], { ...about, queue: "default" });
    assertEquals(event["taskPrerun"], { ...about, args: [1] });
    assertEquals(event["taskSuccess"], { ...about, result: 2 });
    assertEquals(event["taskPostrun"], {
      ...about,
      args: [1],
      state: "SUCCESS",
      result: 2,
    });
    assertEquals(
      (event["workerShuttingDown"] as AppEvents["workerShuttingDown"]).how,
      "warm",
    );
  },
);

onMemory(
  "a task that is retried and fails is told of each time",
  async (lab) => {
    const clock = new FakeClock(0);
    const app = lab.app({ clock });
    const task = app.task("task", {
      autoretryFor: [TypeError],
      maxRetries: 1,
      retryBackoff: 3,
      retryJitter: false,
    }, () => {
      throw new TypeError("bad");
    });
    await task.delay();
    const told = listen(app);
    await drain(app, { withScheduled: true });
    const tasks = told.filter(([name]) => name.startsWith("task"));
    assertEquals(names(tasks), [
      "taskReceived",
      "taskPrerun",
      "taskRetry",
      "taskPostrun",
      "taskReceived",
      "taskPrerun",
      "taskFailure",
      "taskPostrun",
    ]);
    const retry = tasks[2]![1] as AppEvents["taskRetry"];
    assertEquals([String(retry.reason), retry.eta], ["TypeError: bad", 3_000]);
    const failure = tasks[6]![1] as AppEvents["taskFailure"];
    assert(failure.error instanceof TypeError);
    const states = tasks.filter(([name]) => name === "taskPostrun")
      .map(([, event]) => (event as AppEvents["taskPostrun"]).state);
    assertEquals(states, ["RETRY", "FAILURE"]);
  },
);

onMemory("what never runs is told of all the same", async (lab) => {
  const clock = new FakeClock(0);
  const app = lab.app({ clock, taskUnknownTimeout: 1 });
  app.task("task", () => {});
  await app.sendTask("task", [], { expires: 0, taskId: "expired" });
  await app.AsyncResult("revoked").revoke();
  await app.sendTask("task", [], { taskId: "revoked" });
  await app.sendTask("unknown", [], { taskId: "unknown" });
  const told = listen(app);
  await drain(app, { withScheduled: true });
  const about = (name: EventName) =>
    told.filter(([each]) => each === name).map(([, event]) => event);
  assertEquals(about("taskRevoked"), [
    { taskId: "expired", task: "task", terminated: false, expired: true },
    { taskId: "revoked", task: "task", terminated: false, expired: false },
  ]);
  assert(about("taskUnknown").length > 1);
  assertEquals(about("taskFailure").length, 1);
  assertEquals(about("taskPrerun"), []);
});

onMemory("a task that refuses its message is told of", async (lab) => {
  const app = lab.app();
  const task = app.task("task", () => {
    throw new Reject("no");
  });
  const result = await task.delay();
  const told = listen(app);
  await drain(app);
  const [rejected] = told.filter(([name]) => name === "taskRejected");
  assertEquals(rejected?.[1], {
    taskId: result.id,
    task: "task",
    reason: "no",
  });
  assertEquals(names(told).filter((name) => name === "taskFailure"), []);
});

onMemory("listeners that throw, also later, disturb nothing", async (lab) => {
  const app = lab.app();
  const task = app.task("task", () => "ran");
  for (const name of IN_PROCESS) {
    app.on(name, () => {
      throw new Error("listener");
    });
    app.on(name, async () => {
      await Promise.resolve();
      throw new Error("listener, later");
    });
  }
  const result = await task.delay();
  assertEquals(await drain(app), { SUCCESS: 1 });
  assertEquals(await result.get(), "ran");
});

onMemory("a listener that has stopped hears nothing more", async (lab) => {
  const app = lab.app();
  let heard = 0;
  const stop = app.on("beforeTaskPublish", () => heard++);
  await app.sendTask("task");
  stop();
  await app.sendTask("task");
  assertEquals(heard, 1);
});

onMemory("a listener may send tasks", async (lab) => {
  const app = lab.app();
  const audit = app.task("audit", (id: string) => id);
  const task = app.task("task", () => {});
  app.on("taskSuccess", ({ task: name, taskId }) => {
    if (name === "task") audit.delay(taskId);
  });
  const audited = nextEvent(
    app,
    "taskSuccess",
    (event) => event.task === "audit",
  );
  await lab.worker(app);
  const { id } = await task.delay();
  assertEquals((await audited).result, id);
});

onMemory("a worker says when it stops cold", async (lab) => {
  const app = lab.app();
  const worker = await lab.worker(app, { hostname: "w1@here" });
  const stopping = nextEvent(app, "workerShuttingDown");
  await worker.stop("cold");
  assertEquals(await stopping, { hostname: "w1@here", how: "cold" });
});

onMemory(
  "an event that does not exist is refused with the one that was meant",
  async (lab) => {
    const app = lab.app();
    const { assertThrows } = await import("@std/assert");
    const { ConfigError } = await import("@lovage/lovage");
    assertThrows(
      () => app.on("taskSucces" as "taskSuccess", () => {}),
      ConfigError,
      'Did you mean "taskSuccess"?',
    );
    await app.sendTask("task");
  },
);

onMemory(
  "events come in the order in which things happen to a task",
  async (lab) => {
    const app = lab.app();
    const task = app.task("task", () => "ran");
    await lab.worker(app);
    const told = listen(app);
    const results = await Promise.all(
      Array.from({ length: 20 }, () => task.delay()),
    );
    await Promise.all(results.map((each) => each.get({ timeout: PATIENCE })));
    for (const { id } of results) {
      const own = told.filter(([, event]) =>
        "taskId" in event && event.taskId === id
      );
      assertEquals(names(own).filter((name) => name !== "afterTaskPublish"), [
        "beforeTaskPublish",
        "taskReceived",
        "taskPrerun",
        "taskSuccess",
        "taskPostrun",
      ]);
    }
  },
);
