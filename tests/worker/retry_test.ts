import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import {
  ConfigError,
  MaxRetriesExceededError,
  type TaskContext,
} from "@lovage/lovage";
import { drain, enqueued, FakeClock } from "../../src/testing/mod.ts";
import { autoretryDelay } from "../../src/worker/retry.ts";
import { type Lab, onEachStore, onMemory, PATIENCE } from "../_helpers.ts";

function timed(lab: Lab) {
  const clock = new FakeClock(0);
  return { clock, app: lab.app({ clock }), runs: [] as number[] };
}

/** Celery's `get_exponential_backoff_interval`, in whole seconds. */
function celeryBackoff(
  factor: number,
  retries: number,
  maximum: number,
  random: (below: number) => number = (below) => below - 1,
): number {
  const countdown = Math.min(maximum, factor * 2 ** retries);
  return Math.max(0, random(countdown + 1));
}

Deno.test("the backoff without jitter is Celery's", () => {
  fc.assert(fc.property(
    fc.oneof(fc.constant(true), fc.double({ min: 0.1, max: 50, noNaN: true })),
    fc.nat(40),
    fc.integer({ min: 1, max: 5000 }),
    (retryBackoff, retries, retryBackoffMax) => {
      const factor = Math.trunc(Math.max(1, Number(retryBackoff)));
      assertEquals(
        autoretryDelay(
          { retryBackoff, retryBackoffMax, retryJitter: false },
          retries,
        ),
        celeryBackoff(factor, retries, retryBackoffMax) * 1000,
      );
    },
  ));
});

Deno.test("the backoff with jitter is Celery's: any whole second up to the delay", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 20 }),
    fc.nat(12),
    fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    (retryBackoff, retries, random) => {
      assertEquals(
        autoretryDelay({ retryBackoff }, retries, () => random),
        celeryBackoff(
          retryBackoff,
          retries,
          600,
          (below) => Math.floor(random * below),
        ) * 1000,
      );
    },
  ));
});

Deno.test("the default backoff is 1, 2, 4, 8 … 600 seconds", () => {
  const delays = Array.from(
    { length: 12 },
    (_, retries) =>
      autoretryDelay({ retryBackoff: true, retryJitter: false }, retries) /
      1000,
  );
  assertEquals(delays, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
});

onEachStore(
  "autoretry runs the task again with the same id until it returns",
  async (lab) => {
    const { app, clock, runs } = timed(lab);
    const seen: TaskContext["request"][] = [];
    const flaky = app.task("flaky", {
      bind: true,
      autoretryFor: [TypeError],
      retryBackoff: true,
      retryJitter: false,
    }, (self, n: number) => {
      runs.push(clock.now());
      seen.push(self.request);
      if (self.request.retries < 2) throw new TypeError("not yet");
      return n + self.request.retries;
    });
    const result = await flaky.applyAsync([40], {
      headers: { trace: "x" },
      kwargs: { deep: new Date(1) },
      priority: 1,
      queue: "own",
    });
    assertEquals(await drain(app, { withScheduled: true }), {
      RETRY: 2,
      SUCCESS: 1,
    });
    assertEquals(runs, [0, 1000, 3000]);
    assertEquals(await result.get({ timeout: PATIENCE }), 42);
    for (const [retries, request] of seen.entries()) {
      assertEquals(request.id, result.id);
      assertEquals(request.retries, retries);
      assertEquals(request.args, [40, { deep: new Date(1) }]);
      assertEquals(request.headers, { trace: "x" });
      assertEquals(request.deliveryInfo.queue, "own");
      assertEquals(request.deliveryInfo.priority, 1);
      assertEquals(request.deliveryInfo.losses, 0);
    }
  },
);

onMemory(
  "autoretry that is exhausted ends with the task's own error",
  async (lab) => {
    const { app } = timed(lab);
    let runs = 0;
    const doomed = app.task(
      "doomed",
      { autoretryFor: [RangeError], maxRetries: 2, retryBackoff: true },
      () => {
        throw new RangeError(`run ${++runs}`);
      },
    );
    const result = await doomed.delay();
    await drain(app, { withScheduled: true });
    await assertRejects(() => result.get(), RangeError, "run 3");
    assertEquals(runs, 3);
  },
);

onMemory(
  "autoretry takes only the errors it is for, subclasses too",
  async (lab) => {
    const { app } = timed(lab);
    class Unreachable extends TypeError {}
    const thrower = app.task(
      "thrower",
      {
        autoretryFor: [TypeError, RangeError],
        dontAutoretryFor: [RangeError],
        maxRetries: 1,
      },
      (kind: string) => {
        if (kind === "sub") throw new Unreachable();
        if (kind === "dont") throw new RangeError();
        throw new SyntaxError();
      },
    );
    for (const kind of ["sub", "dont", "other"]) await thrower.delay(kind);
    assertEquals(await drain(app), { FAILURE: 2, RETRY: 1 });
    const [waiting] = await enqueued(app);
    assertEquals(waiting?.args, ["sub"]);
  },
);

onMemory(
  "autoretry without backoff waits for the countdown of retryKwargs, else 180 s",
  async (lab) => {
    const { app, clock } = timed(lab);
    const options = { autoretryFor: [Error] };
    const fail = () => {
      throw new Error();
    };
    app.task("kwargs", { ...options, retryKwargs: { countdown: 7 } }, fail);
    app.task("delay", { ...options, defaultRetryDelay: "30s" }, fail);
    app.task("plain", options, fail);
    for (const name of app.tasks.keys()) await app.sendTask(name);
    await drain(app);
    const etas = (await enqueued(app)).map(({ task, eta }) => [
      task,
      Number(eta) - clock.now(),
    ]);
    assertEquals(etas, [["kwargs", 7_000], ["delay", 30_000], [
      "plain",
      180_000,
    ]]);
  },
);

onMemory("retryKwargs.maxRetries wins over maxRetries", async (lab) => {
  const { app } = timed(lab);
  const task = app.task("task", {
    autoretryFor: [Error],
    maxRetries: 5,
    retryKwargs: { maxRetries: 1 },
  }, () => {
    throw new Error();
  });
  await task.delay();
  assertEquals(await drain(app, { withScheduled: true }), {
    FAILURE: 1,
    RETRY: 1,
  });
});

onMemory("maxRetries: null retries without end", async (lab) => {
  const { app } = timed(lab);
  const task = app.task(
    "task",
    { bind: true, maxRetries: null, autoretryFor: [Error], retryBackoff: true },
    (self) => {
      if (self.request.retries < 50) throw new Error();
      return self.request.retries;
    },
  );
  const result = await task.delay();
  await drain(app, { withScheduled: true });
  assertEquals(await result.get(), 50);
});

onMemory("maxRetries: 0 never retries", async (lab) => {
  const { app } = timed(lab);
  const task = app.task(
    "task",
    { autoretryFor: [Error], maxRetries: 0 },
    () => {
      throw new Error("once");
    },
  );
  await task.delay();
  assertEquals(await drain(app, { withScheduled: true }), { FAILURE: 1 });
});

onEachStore(
  "retry() runs the task again after the countdown, RETRY meanwhile",
  async (lab) => {
    const { app, clock } = timed(lab);
    const task = app.task("task", { bind: true }, (self) => {
      if (self.request.retries === 0) {
        self.retry({ countdown: 90, exc: new TypeError("busy") });
      }
      return clock.now();
    });
    const result = await task.delay();
    await drain(app);
    const info = await result.inspect();
    assertEquals(info.state, "RETRY");
    assert(info.info instanceof TypeError);
    assertEquals(info.meta.eta, 90_000);
    assertEquals(info.dateDone, undefined);
    assertEquals(await result.ready(), false);
    await drain(app, { withScheduled: true });
    assertEquals(await result.get(), 90_000);
  },
);

onMemory("retry({ eta }) runs the task again at that time", async (lab) => {
  const { app, clock } = timed(lab);
  const task = app.task("task", { bind: true }, (self) => {
    if (self.request.retries === 0) self.retry({ eta: new Date(5_000) });
    return clock.now();
  });
  const result = await task.delay();
  await drain(app, { withScheduled: true });
  assertEquals(await result.get(), 5_000);
});

onMemory(
  "retry() that names nothing waits for defaultRetryDelay",
  async (lab) => {
    const { app, clock } = timed(lab);
    const task = app.task(
      "task",
      { bind: true, defaultRetryDelay: "12s" },
      (self) => self.request.retries === 0 ? self.retry() : clock.now(),
    );
    const result = await task.delay();
    await drain(app, { withScheduled: true });
    assertEquals(await result.get(), 12_000);
  },
);

onMemory(
  "retry() that is exhausted throws exc, or MaxRetriesExceededError without one",
  async (lab) => {
    const { app } = timed(lab);
    const task = app.task(
      "task",
      { bind: true, maxRetries: 1 },
      (self, withExc: boolean) =>
        self.retry(withExc ? { exc: new SyntaxError("why") } : {}),
    );
    const bare = await task.delay(false);
    const given = await task.delay(true);
    await drain(app, { withScheduled: true });
    await assertRejects(
      () => bare.get(),
      MaxRetriesExceededError,
      "was retried 1 time and has no retries left",
    );
    await assertRejects(() => given.get(), SyntaxError, "why");
  },
);

onMemory(
  "retry({ maxRetries }) overrides the task's own, null is without end",
  async (lab) => {
    const { app } = timed(lab);
    const task = app.task(
      "task",
      { bind: true, maxRetries: 1 },
      (self, maxRetries: number | null) =>
        self.request.retries < 5
          ? self.retry({ maxRetries, countdown: 1 })
          : self.request.retries,
    );
    const none = await task.delay(0);
    const endless = await task.delay(null);
    await drain(app, { withScheduled: true });
    await assertRejects(() => none.get(), MaxRetriesExceededError);
    assertEquals(await endless.get(), 5);
  },
);

onEachStore(
  "retry() can change arguments, queue, priority and headers",
  async (lab) => {
    const { app } = timed(lab);
    const task = app.task(
      "task",
      { bind: true },
      (self, n: number, at: Date, extra?: unknown) => {
        const { headers, deliveryInfo: { queue, priority } } = self.request;
        if (self.request.retries === 0) {
          self.retry({
            args: [n + 1, new Date(+at + 1)],
            countdown: 0,
            headers: { b: 2 },
            priority: 9,
            queue: "slow",
          });
        }
        return { n, at, extra, headers, queue, priority };
      },
    );
    const result = await task.applyAsync([1, new Date(1)], {
      headers: { a: 1 },
      kwargs: { since: new Date(5) },
    });
    await drain(app);
    assertEquals(await result.get(), {
      n: 2,
      at: new Date(2),
      extra: { since: new Date(5) },
      headers: { a: 1, b: 2 },
      queue: "slow",
      priority: 9,
    });
  },
);

onMemory(
  "retry() with arguments that cannot be sent fails with that error",
  async (lab) => {
    const { app } = timed(lab);
    const told: string[] = [];
    const task = app.task(
      "task",
      { bind: true, onFailure: (_, error) => told.push(String(error)) },
      (self) => self.retry({ args: [() => {}] }),
    );
    const result = await task.delay();
    assertEquals(await drain(app), { FAILURE: 1 });
    const error = await assertRejects(() => result.get(), Error, "args[0]");
    assertEquals(told, [String(error)]);
  },
);

onMemory("retry() refuses options that it does not know", async (lab) => {
  const { app } = timed(lab);
  const task = app.task(
    "task",
    { bind: true },
    (self) => self.retry({ countDown: 1 } as object),
  );
  const result = await task.delay();
  await drain(app);
  await assertRejects(() => result.get(), Error, 'Did you mean "countdown"?');
});

onMemory("retry() refuses countdown and eta together", async (lab) => {
  const { app } = timed(lab);
  const task = app.task(
    "task",
    { bind: true },
    (self) => self.retry({ countdown: 1, eta: new Date(0) }),
  );
  const result = await task.delay();
  await drain(app);
  await assertRejects(
    () => result.get(),
    ConfigError,
    'Give retry() of task "task" either countdown or eta, not both',
  );
});

onMemory("retry() of a task called directly throws its error", async (lab) => {
  const { app } = timed(lab);
  const task = app.task(
    "task",
    { bind: true },
    (self, exc?: Error) => self.retry({ exc }),
  );
  await assertRejects(async () => await task(new TypeError("t")), TypeError);
  await assertRejects(
    async () => await task(),
    Error,
    "was called outside a worker",
  );
});

onMemory("a retry keeps expiry, limits, links and lineage", async (lab) => {
  const { app } = timed(lab);
  const done = app.task("done", (n: number) => n);
  const task = app.task("task", { bind: true }, (self) => {
    const { expires, timeLimit, softTimeLimit, rootId } = self.request;
    if (self.request.retries === 0) self.retry({ countdown: 1 });
    return { expires: Number(expires), timeLimit, softTimeLimit, rootId };
  });
  const result = await task.applyAsync([], {
    expires: 60,
    link: done.s().set({ taskId: "linked" }),
    softTimeLimit: 5,
    timeLimit: 10,
  });
  assertEquals(await drain(app, { withScheduled: true }), {
    RETRY: 1,
    SUCCESS: 2,
  });
  assertEquals(await result.get(), {
    expires: 60_000,
    timeLimit: 10_000,
    softTimeLimit: 5_000,
    rootId: result.id,
  });
  assertEquals(await app.AsyncResult("linked").ready(), true);
});
