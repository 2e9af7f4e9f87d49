import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type AsyncResult,
  ConfigError,
  LovageError,
  RemoteError,
  TaskRevokedError,
  TimeoutError,
} from "@lovage/lovage";
import { drain, FakeClock } from "../../src/testing/mod.ts";
import {
  changed,
  faultyStore,
  Latch,
  onEachStore,
  onMemory,
  PATIENCE,
  soon,
  until,
  untyped,
} from "../_helpers.ts";

onEachStore(
  "a result says all that is known of a task that succeeded",
  async (lab) => {
    const clock = new FakeClock(1_000);
    const app = lab.app({ clock, resultExtended: true });
    const task = app.task("task", (n: number) => ({ n, at: new Date(n) }));
    const result = await task.applyAsync([5], {
      headers: { a: 1 },
      queue: "own",
    });
    assertEquals([await result.ready(), await result.result()], [
      false,
      undefined,
    ]);
    await drain(app);
    const value = { n: 5, at: new Date(5) };
    assertEquals(await result.get(), value);
    assertEquals(await result.result(), value);
    assertEquals(await result.info(), value);
    assertEquals(await result.state(), "SUCCESS");
    assertEquals(await result.traceback(), undefined);
    assertEquals(await result.dateDone(), new Date(1_000));
    assertEquals(
      [await result.ready(), await result.successful(), await result.failed()],
      [true, true, false],
    );
    const { task: name, meta } = await result.inspect();
    assertEquals(name, "task");
    assertEquals([meta.args, meta.headers, meta.queue], [
      "[5]",
      { a: 1 },
      "own",
    ]);
    assertEquals([result.taskId, JSON.stringify(result)], [
      result.id,
      JSON.stringify(result.id),
    ]);
  },
);

onEachStore(
  "a result says all that is known of a task that failed",
  async (lab) => {
    const app = lab.app();
    const task = app.task("task", function explode() {
      throw Object.assign(
        new TypeError("bad", { cause: new RangeError("deep") }),
        {
          code: "E_BAD",
        },
      );
    });
    const result = await task.delay();
    await drain(app);
    const error = await assertRejects(() => result.get(), TypeError, "bad");
    assertEquals((error as TypeError & { code?: string }).code, "E_BAD");
    assert((error.stack ?? "").includes("TypeError: bad"));
    assertEquals(await result.result(), undefined);
    assert(await result.info() instanceof TypeError);
    assertEquals(
      [await result.ready(), await result.successful(), await result.failed()],
      [true, false, true],
    );
    assert(
      (await result.traceback() ?? "").includes("explode"),
      "the traceback is that of the worker",
    );
  },
);

onEachStore(
  "an error has the stack of the worker as its cause",
  async (lab) => {
    const app = lab.app();
    const task = app.task("task", function explodeRemotely() {
      throw new SyntaxError("bad");
    });
    const result = await task.delay();
    await drain(app);
    const error = await assertRejects(() => result.get(), SyntaxError);
    assert(error.cause instanceof Error);
    assert(error.cause.stack?.includes("explodeRemotely"));
  },
);

onMemory("errors of unknown classes keep their names", async (lab) => {
  const app = lab.app();
  class PaymentRefused extends Error {
    override name = "PaymentRefused";
  }
  const task = app.task("task", (kind: string) => {
    if (kind === "own") throw new PaymentRefused("no money");
    throw kind;
  });
  const own = await task.delay("own");
  const text = await task.delay("just text");
  await drain(app);
  const error = await assertRejects(() => own.get(), RemoteError, "no money");
  assertEquals(error.name, "PaymentRefused");
  await assertRejects(() => text.get(), Error, "just text");
});

onMemory("get({ propagate: false }) returns the error", async (lab) => {
  const app = lab.app();
  const task = app.task("task", () => {
    throw new RangeError("bad");
  });
  const result = await task.delay();
  await drain(app);
  const error: unknown = await result.get({ propagate: false });
  assert(error instanceof RangeError);
});

onEachStore(
  "get() gives up after its timeout; the task goes on",
  async (lab) => {
    const app = lab.app();
    const task = app.task("task", () => "ran");
    const result = await task.delay();
    await assertRejects(
      () => result.get({ timeout: "20ms" }),
      TimeoutError,
      "has not ended within 20 ms; it goes on",
    );
    await drain(app);
    assertEquals(await result.get(), "ran");
  },
);

onMemory(
  "get() waits as long as its timeout says, months if need be",
  async (lab) => {
    const app = lab.app();
    const task = app.task("task", () => "ran");
    const result = await task.delay();
    const waiting = result.get({ timeout: "100d", interval: "100d" });
    // Longer than a timer takes that has overflowed.
    await new Promise((resolve) => setTimeout(resolve, 20));
    await lab.worker(app);
    assertEquals(await soon(waiting, "the result"), "ran");
  },
);

onMemory(
  "get() gives up when its signal aborts, with the reason",
  async (lab) => {
    const app = lab.app();
    const result = await app.sendTask("nobody");
    const controller = new AbortController();
    const waiting = result.get({ signal: controller.signal });
    controller.abort(new SyntaxError("enough"));
    await assertRejects(() => waiting, SyntaxError, "enough");
    await assertRejects(
      () => result.get({ signal: controller.signal }),
      SyntaxError,
    );
  },
);

onEachStore(
  "get() waits for a task that another app sent and ran",
  async (lab) => {
    const producer = lab.app({}, "producer");
    const app = lab.app();
    app.task("task", (n: number) => n + 1);
    const result = await producer.sendTask<number>("task", [1]);
    const waiting = Promise.all([
      result.get({ timeout: PATIENCE }),
      lab.app({}, "third").AsyncResult(result.id).get({ timeout: PATIENCE }),
    ]);
    await lab.worker(app);
    assertEquals(await waiting, [2, 2]);
  },
);

onMemory(
  "get() survives that a notification and a fetch are lost",
  async (lab) => {
    const inner = await lab.store();
    const { store, faults } = faultyStore(inner);
    const deaf = { ...store, results: store.results };
    const app = lab.app({
      store: {
        ...deaf,
        results: new Proxy(store.results, {
          get: (target, key) =>
            key === "subscribe"
              ? () => Promise.resolve(() => {})
              : Reflect.get(target, key),
        }),
      },
    });
    const task = app.task("task", () => "ran");
    const result = await task.delay();
    faults.fail("results.fetch", 2);
    const waiting = result.get({ timeout: PATIENCE, interval: "10ms" });
    await drain(app);
    assertEquals(await waiting, "ran");
  },
);

onMemory(
  "get() of a task that waits when the app is closed gives up",
  async (lab) => {
    const app = lab.app();
    const result = await app.sendTask("nobody");
    const waiting = result.get();
    waiting.catch(() => {});
    await until(() => true, "a turn");
    await app.close();
    await assertRejects(() => soon(waiting, "the end"), LovageError, "closed");
  },
);

onMemory(
  "get() gives up as well while it still begins to listen",
  async (lab) => {
    const store = await lab.store();
    const listening = new Latch();
    const results = changed(store.results, {
      subscribe: async (listener) => {
        await listening.opened;
        return await store.results.subscribe(listener);
      },
    });
    const app = lab.app({ store: changed(store, { results }) });
    const result = await app.sendTask("nobody");
    const waiting = result.get();
    waiting.catch(() => {});
    await until(() => true, "a turn");
    const closing = app.close();
    await assertRejects(() => soon(waiting, "the end"), LovageError, "closed");
    listening.open();
    await closing;
  },
);

onMemory(
  "get() inside a task is refused, unless it is allowed",
  async (lab) => {
    const app = lab.app();
    const inner = app.task("inner", () => 20);
    const outer = app.task("outer", async (allowInsideTask: boolean) => {
      const result = await inner.delay();
      return 1 + await result.get({ allowInsideTask });
    });
    const refused = await outer.delay(false);
    const allowed = await outer.delay(true);
    await drain(app, { concurrency: 2 });
    await assertRejects(
      () => refused.get(),
      LovageError,
      'Task "outer" must not wait for task',
    );
    assertEquals(await allowed.get(), 21);
  },
);

onEachStore("forget() drops what is stored", async (lab) => {
  const app = lab.app();
  const task = app.task("task", () => "ran");
  const result = await task.delay();
  await drain(app);
  assertEquals(await result.state(), "SUCCESS");
  await result.forget();
  assertEquals(await result.state(), "PENDING");
  assertEquals(await result.ready(), false);
});

onEachStore("a task's children and parent are known", async (lab) => {
  const app = lab.app();
  const leaf = app.task("leaf", { bind: true }, (self) => [
    self.request.parentId,
    self.request.rootId,
  ]);
  const branch = app.task("branch", async () => {
    const one = await leaf.delay();
    assertEquals(one.parent?.id, (await leaf.delay()).parent?.id);
    await app.sendMany([leaf.s(), leaf.s()]);
    return one.parent?.id;
  });
  const tree = app.task("tree", async () => {
    await branch.delay();
  });
  const root = await tree.delay();
  assertEquals(root.parent, null);
  await drain(app);
  const [middle, ...none] = await root.children();
  assertEquals(none, []);
  assertEquals(middle?.parent?.id, root.id);
  assertEquals(await middle?.get(), middle?.id);
  const leaves = await middle?.children() ?? [];
  assertEquals(leaves.length, 4);
  for (const each of leaves as AsyncResult<string[]>[]) {
    assertEquals(await each.get(), [middle?.id, root.id]);
  }
});

onMemory("tasks that run side by side keep their own children", async (lab) => {
  const app = lab.app();
  const leaf = app.task("leaf", () => {});
  const meet = new Latch();
  let here = 0;
  const branch = app.task("branch", async (n: number) => {
    if (++here === 2) meet.open();
    await meet.opened;
    for (let i = 0; i < n; i++) await leaf.delay();
  });
  const [one, two] = await app.sendMany([branch.s(1), branch.s(2)]);
  await drain(app, { concurrency: 2 });
  assertEquals((await one.children()).length, 1);
  assertEquals((await two.children()).length, 2);
});

onMemory("a result can be taken up again by its id", async (lab) => {
  const app = lab.app();
  const task = app.task("task", () => "ran");
  const kept = JSON.parse(JSON.stringify({ job: await task.delay() }));
  await drain(app);
  assertEquals(await app.AsyncResult<string>(kept.job).get(), "ran");
});

onMemory("a revoked task throws at get()", async (lab) => {
  const app = lab.app();
  const result = await app.sendTask("nobody");
  await result.revoke();
  await assertRejects(() => result.get(), TaskRevokedError);
  assertEquals([await result.ready(), await result.failed()], [true, false]);
});

onEachStore("results expire", async (lab) => {
  const clock = new FakeClock(0);
  const app = lab.app({ clock, resultExpires: "1h" });
  const task = app.task("task", () => "ran");
  const result = await task.delay();
  await drain(app);
  const worker = await lab.worker(app);
  await clock.advanceAsync(40_000);
  assertEquals(await result.state(), "SUCCESS");
  await worker.stop();
  clock.advance(3_600_000);
  await lab.worker(app);
  await clock.advanceAsync(40_000);
  await until(async () => await result.state() === "PENDING", "the expiry");
});

onMemory("resultExpires: null keeps results", async (lab) => {
  const clock = new FakeClock(0);
  const app = lab.app({ clock, resultExpires: null });
  const task = app.task("task", () => "ran");
  const result = await task.delay();
  await drain(app);
  const store = await lab.store(clock);
  clock.advance(1e13);
  assertEquals(await store.results.expire(10), 0);
  assertEquals(await result.get(), "ran");
});

onMemory("get() of an ignored result is refused at once", async (lab) => {
  const app = lab.app();
  const silent = app.task("silent", { ignoreResult: true }, () => "ran");
  const task = app.task("task", () => "ran");
  const [one] = await app.sendMany([silent.s()]);
  const ignored = [
    await silent.delay(),
    one,
    await task.applyAsync([], { ignoreResult: true }),
    await app.sendTask("elsewhere", [], { ignoreResult: true }),
  ];
  for (const result of ignored) {
    const error = await assertRejects(
      () => result.get({ timeout: "20ms" }),
      LovageError,
    );
    assertEquals(
      error.message,
      `The result of task ${result.id} is ignored, so there is nothing to wait for: send the task with { ignoreResult: false }, or do not call get()`,
    );
  }
  const kept = await silent.applyAsync([], { ignoreResult: false });
  await drain(app);
  assertEquals(await kept.get(), "ran");
});

onMemory(
  "taskIgnoreResult ignores what has no word of its own",
  async (lab) => {
    const app = lab.app({ taskIgnoreResult: true });
    const silent = app.task("silent", () => "ran");
    const loud = app.task("loud", { ignoreResult: false }, () => "ran");
    const [refused, kept] = [await silent.delay(), await loud.delay()];
    await drain(app);
    await assertRejects(() => refused.get(), LovageError, "is ignored");
    assertEquals(await kept.get(), "ran");
    assertEquals(await (await silent.apply([])).get(), "ran");
  },
);

onMemory("get() and revoke() refuse misspelt options", async (lab) => {
  const app = lab.app();
  const result = await app.sendTask("nobody");
  await assertRejects(
    () => result.get(untyped({ timeot: 1 })),
    ConfigError,
    'Unknown option "timeot" of get(). Did you mean "timeout"?',
  );
  await assertRejects(
    () => result.get(untyped({ signal: 1 })),
    ConfigError,
    'Option "signal" of get() must be an AbortSignal, but it is 1',
  );
  await assertRejects(
    () => result.revoke(untyped({ terminat: true })),
    ConfigError,
    'Unknown option "terminat" of revoke(). Did you mean "terminate"?',
  );
  assertEquals(await result.state(), "PENDING");
});

onMemory("resultExpires: 0 keeps results, as in Celery", async (lab) => {
  const clock = new FakeClock(0);
  const app = lab.app({ clock, resultExpires: 0 });
  const task = app.task("task", () => "ran");
  const result = await task.delay();
  await drain(app);
  const store = await lab.store(clock);
  clock.advance(1e13);
  assertEquals(await store.results.expire(10), 0);
  assertEquals(await result.get(), "ran");
});
