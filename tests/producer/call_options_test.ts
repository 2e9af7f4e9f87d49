import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConfigError, EncodeError } from "@lovage/lovage";
import { drain, enqueued, FakeClock } from "../../src/testing/mod.ts";
import { type Lab, onEachStore, onMemory, untyped } from "../_helpers.ts";

function shop(lab: Lab) {
  const clock = new FakeClock(0);
  const app = lab.app({ clock });
  const task = app.task("task", (...args: unknown[]) => args);
  return { app, clock, task };
}

onMemory("countdown and eta take every way of saying a time", async (lab) => {
  const { app, task } = shop(lab);
  const ways = {
    number: { countdown: 90 },
    text: { countdown: "90s" },
    minutes: { countdown: "1.5m" },
    duration: { countdown: Temporal.Duration.from({ seconds: 90 }) },
    date: { eta: new Date(90_000) },
    iso: { eta: "1970-01-01T00:01:30Z" },
    offset: { eta: "1970-01-01T01:01:30+01:00" },
    instant: { eta: Temporal.Instant.fromEpochMilliseconds(90_000) },
  } as const;
  for (const [taskId, options] of Object.entries(ways)) {
    await task.applyAsync([], { taskId, ...options });
  }
  const tasks = await enqueued(app);
  assertEquals(tasks.length, Object.keys(ways).length);
  for (const { id, eta } of tasks) assertEquals(eta, new Date(90_000), id);
});

onMemory("an eta in the past is now", async (lab) => {
  const { app, task } = shop(lab);
  await task.applyAsync([1], { eta: new Date(-5) });
  await task.applyAsync([2], { countdown: 0 });
  assertEquals(await drain(app), { SUCCESS: 2 });
});

onMemory("expires is a span from now or a time", async (lab) => {
  const { app, clock, task } = shop(lab);
  clock.advance(1_000);
  await task.applyAsync([], { expires: 60 });
  await task.applyAsync([], { expires: "1m" });
  await task.applyAsync([], { expires: new Date(61_000) });
  await task.applyAsync([], { expires: "1970-01-01T00:01:01Z" });
  const expires = (await enqueued(app)).map(({ expires }) => Number(expires));
  assertEquals(expires, [61_000, 61_000, 61_000, 61_000]);
});

onMemory(
  "options that contradict each other or will not do are refused",
  async (lab) => {
    const { task } = shop(lab);
    await assertRejects(
      () => task.applyAsync([], { countdown: 1, eta: new Date() }),
      ConfigError,
      "either countdown or eta",
    );
    const wrong = {
      countdown: -1,
      eta: "tomorrow",
      expires: "soon",
      queue: "",
      priority: 1.5,
      taskId: "",
      link: {},
      headers: [],
      kwargs: 7,
      retry: 1,
      timeLimit: "long",
      ignoreResult: "no",
      shadow: 7,
    };
    for (const [name, value] of Object.entries(wrong)) {
      const error = assertThrows(
        () => task.applyAsync([], untyped({ [name]: value })),
        ConfigError,
      );
      assert(
        error.message.startsWith(
          `Option "${name}" of the call of "task" must be `,
        ),
        error.message,
      );
    }
    assertThrows(
      () => task.applyAsync([], untyped({ contdown: 5 })),
      ConfigError,
      'Unknown option "contdown" of the call of "task". Did you mean "countdown"?',
    );
    await assertRejects(
      () => task.applyAsync([], { taskId: "a\u0000b" }),
      ConfigError,
      "A task id must be",
    );
    await assertRejects(
      () => task.applyAsync([], { softTimeLimit: 5, timeLimit: "5s" }),
      ConfigError,
      "must be shorter than its timeLimit (5000 ms)",
    );
  },
);

onEachStore(
  "sending an id again while it is live is the same task",
  async (lab) => {
    const { app, task } = shop(lab);
    const first = await task.applyAsync([1], { taskId: "one" });
    const second = await task.applyAsync([2], { taskId: "one" });
    assertEquals((await enqueued(app)).map(({ args }) => args), [[1]]);
    assertEquals(await drain(app), { SUCCESS: 1 });
    assertEquals(await first.get(), [1]);
    assertEquals(await second.get(), [1]);
  },
);

onEachStore("sending an id again after its end runs it anew", async (lab) => {
  const { app, task } = shop(lab);
  await task.applyAsync([1], { taskId: "one" });
  await drain(app);
  const again = await task.applyAsync([2], { taskId: "one" });
  assertEquals(await again.state(), "PENDING");
  assertEquals(await drain(app), { SUCCESS: 1 });
  assertEquals(await again.get(), [2]);
});

onMemory("keyword arguments arrive as one trailing object", async (lab) => {
  const { app } = shop(lab);
  const task = app.task("kw", { bind: true }, (self, ...args: unknown[]) => [
    args,
    self.request.kwargs,
  ]);
  const kwargs = { since: new Date(5), n: 1n };
  const result = await task.applyAsync([1], { kwargs });
  await drain(app);
  assertEquals(await result.get(), [[1, kwargs], kwargs]);
});

onMemory("headers and shadow travel beside the arguments", async (lab) => {
  const { app } = shop(lab);
  const task = app.task("h", { bind: true }, (self) => self.request.headers);
  const headers = { trace: "x", deep: { list: [1] } };
  const result = await task.applyAsync([], { headers, shadow: "shown" });
  await drain(app);
  assertEquals(await result.get(), headers);
  await assertRejects(
    () => task.applyAsync([], { headers: { at: new Date() } }),
    EncodeError,
    "headers.at",
  );
});

onMemory(
  "what cannot be sent is refused at the call, naming where it is",
  async (lab) => {
    const { app, task } = shop(lab);
    class User {}
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    await assertRejects(
      () => task.delay({ user: new User() }),
      EncodeError,
      "args[0].user: User instances do not serialize",
    );
    await assertRejects(
      () => task.applyAsync([], { kwargs: { deep: [() => {}] } }),
      EncodeError,
      "kwargs.deep[0]",
    );
    await assertRejects(() => task.delay(cyclic), EncodeError);
    assertEquals(await enqueued(app), []);
  },
);

onMemory("a message that is too large is refused at the call", async (lab) => {
  const app = lab.app({ taskMaxMessageSize: "1KB" });
  await assertRejects(
    () => app.sendTask("task", ["x".repeat(2_000)]),
    EncodeError,
    "more bytes than taskMaxMessageSize allows (1024)",
  );
});

onMemory("arguments may change after the call", async (lab) => {
  const { app, task } = shop(lab);
  const list = [1];
  const sent = task.delay(list);
  list.push(2);
  await sent;
  assertEquals((await enqueued(app))[0]?.args, [[1]]);
});

onMemory("ids are new, and ascend in the order of the calls", async (lab) => {
  const { task } = shop(lab);
  const ids: string[] = [];
  for (let n = 0; n < 100; n++) ids.push((await task.delay(n)).id);
  assertEquals(new Set(ids).size, 100);
  assertEquals(ids.toSorted(), ids);
});
