import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { FakeClock } from "../../src/testing/mod.ts";
import { RateLimiter } from "../../src/worker/rate_limiter.ts";
import {
  nextEvent,
  onEachStore,
  onMemory,
  PATIENCE,
  until,
} from "../_helpers.ts";

Deno.test("a rate limiter never lets tasks through faster than the rate", () => {
  fc.assert(fc.property(
    fc.double({ min: 0.01, max: 200, noNaN: true }),
    fc.array(fc.nat(3000), { minLength: 2, maxLength: 60 }),
    (rate, gaps) => {
      const limiter = new RateLimiter();
      const starts: number[] = [];
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        const turn = limiter.turn("task", rate, now);
        if (turn.kind === "run") starts.push(now + turn.after);
        else assert(turn.at > now, "it is sent back into the past");
      }
      for (const [index, start] of starts.entries()) {
        const before = starts[index - 1];
        if (before === undefined) continue;
        // What waits is started on a whole millisecond.
        assert(start - before >= 1000 / rate - 1, `${before} ${start}`);
      }
    },
  ));
});

Deno.test("a rate limiter keeps tasks apart from each other", () => {
  const limiter = new RateLimiter();
  assertEquals(limiter.turn("a", 1, 0), { kind: "run", after: 0 });
  assertEquals(limiter.turn("b", 1, 0), { kind: "run", after: 0 });
  assertEquals(limiter.turn("a", 1, 0), { kind: "run", after: 1000 });
});

onMemory("a rate limit spaces the starts of a task evenly", async (lab) => {
  const clock = new FakeClock(0);
  const app = lab.app({ clock });
  const at: number[] = [];
  const task = app.task("task", { rateLimit: "10/s" }, () => {
    at.push(clock.now());
  });
  await app.sendMany(Array.from({ length: 5 }, () => task.s()));
  await lab.worker(app);
  await until(() => at.length === 1, "the first");
  await clock.advanceAsync(1_000);
  assertEquals(at, [0, 100, 200, 300, 400]);
});

onEachStore(
  "a slow rate limit leaves the tasks in the broker until their turn",
  async (lab) => {
    const clock = new FakeClock(0);
    const app = lab.app({ clock });
    const at: number[] = [];
    const task = app.task("task", { rateLimit: "6/m" }, () => {
      at.push(clock.now());
    });
    await app.sendMany(Array.from({ length: 3 }, () => task.s()));
    await lab.worker(app);
    const store = await lab.store(clock);
    await until(async () => {
      const [queue] = await store.inspector.queues();
      return queue?.scheduled === 2 && queue.running === 0;
    }, "two of three in the broker");
    for (let second = 0; second < 30; second++) await clock.advanceAsync(1_000);
    await until(() => at.length === 3, "all three");
    const [first = NaN, second = NaN, third = NaN] = at;
    assertEquals(first, 0);
    assert(second - first >= 10_000 && third - second >= 10_000, String(at));
  },
);

onMemory(
  "tasks that wait for their turn keep no others from running",
  async (lab) => {
    const clock = new FakeClock(0);
    const app = lab.app({ clock });
    const limited = app.task("limited", { rateLimit: "2/s" }, () => {});
    const free = app.task("free", () => "ran");
    await app.sendMany(Array.from({ length: 10 }, () => limited.s()));
    const result = await free.delay();
    await lab.worker(app, { concurrency: 1 });
    assertEquals(await result.get({ timeout: PATIENCE }), "ran");
  },
);

onMemory("a task that waits for its turn can be revoked", async (lab) => {
  const clock = new FakeClock(0);
  const app = lab.app({ clock });
  const task = app.task("task", { rateLimit: "2/s" }, () => "ran");
  const [first, second] = await app.sendMany([task.s(), task.s()]);
  await lab.worker(app);
  await first!.get({ timeout: PATIENCE });
  const revoked = nextEvent(app, "taskRevoked");
  await second!.revoke();
  assertEquals((await revoked).taskId, second!.id);
  await clock.advanceAsync(1_000);
  assertEquals(await second!.state(), "REVOKED");
});

onMemory(
  "a worker that stops gives back what waits for its turn",
  async (lab) => {
    const clock = new FakeClock(0);
    const app = lab.app({ clock });
    const task = app.task("task", { rateLimit: "2/s" }, () => "ran");
    const [first] = await app.sendMany([task.s(), task.s()]);
    const worker = await lab.worker(app);
    await first!.get({ timeout: PATIENCE });
    await worker.stop();
    const store = await lab.store(clock);
    const [queue] = await store.inspector.queues();
    assertEquals([queue?.queued, queue?.running], [1, 0]);
  },
);

onMemory(
  "taskDefaultRateLimit holds for tasks without their own, workerDisableRateLimits for none",
  async (lab) => {
    for (const workerDisableRateLimits of [false, true]) {
      const clock = new FakeClock(0);
      const app = lab.app({
        brokerUrl: "memory://",
        clock,
        taskDefaultRateLimit: "1/s",
        workerDisableRateLimits,
      });
      let runs = 0;
      let free = 0;
      const task = app.task("task", () => ++runs);
      const own = app.task("own", { rateLimit: null }, () => ++free);
      await app.sendMany([task.s(), task.s(), own.s(), own.s()]);
      const worker = await lab.worker(app);
      await until(() => free === 2, "those without a limit");
      await worker.stop();
      assertEquals(runs, workerDisableRateLimits ? 2 : 1);
    }
  },
);

onMemory(
  "a rate-limited task is received before it waits for its turn",
  async (lab) => {
    const app = lab.app({ clock: new FakeClock(0) });
    const task = app.task("task", { rateLimit: "2/s" }, () => {});
    const received: string[] = [];
    app.on("taskReceived", ({ taskId }) => received.push(taskId));
    const sent = await app.sendMany([task.s(), task.s()]);
    await lab.worker(app);
    await sent[0]!.get({ timeout: PATIENCE });
    assertEquals(received, sent.map(({ id }) => id));
  },
);
