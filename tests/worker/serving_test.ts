import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConfigError, type Worker } from "@lovage/lovage";
import {
  Latch,
  onEachStore,
  onMemory,
  PATIENCE,
  soon,
  until,
} from "../_helpers.ts";

onEachStore(
  "long tasks do not keep those behind them from other workers",
  async (lab) => {
    const app = lab.app();
    const go = new Latch();
    const long = app.task("long", () => go.opened);
    const quick = app.task("quick", () => "ran");
    // A worker that is used to quick tasks takes many ahead.
    const busy = await lab.worker(app, { hostname: "busy", concurrency: 1 });
    const warmUp = await app.sendMany(
      Array.from({ length: 300 }, () => quick.s()),
    );
    await Promise.all(warmUp.map((each) => each.get({ timeout: PATIENCE })));
    const [, ...behind] = await app.sendMany([
      long.s(),
      ...Array.from({ length: 20 }, () => quick.s()),
    ]);
    await until(() => busy.totals.held > 0, "the long one to run");
    await lab.worker(app, { hostname: "free", concurrency: 1 });
    for (const result of behind) {
      assertEquals(await result.get({ timeout: PATIENCE }), "ran");
    }
    assertEquals(busy.totals.held, 1);
    go.open();
  },
);

onEachStore("a worker with long tasks takes one per slot", async (lab) => {
  const app = lab.app();
  const go = new Latch();
  let running = 0;
  const long = app.task("long", async () => {
    running++;
    await go.opened;
  });
  await app.sendMany(Array.from({ length: 10 }, () => long.s()));
  await lab.worker(app, { concurrency: 3 });
  await until(() => running === 3, "three to run");
  const store = await lab.store();
  const [queue] = await store.inspector.queues();
  assertEquals([queue?.running, queue?.queued], [3, 7]);
  go.open();
});

onMemory("prefetchMultiplier caps what is held", async (lab) => {
  const app = lab.app();
  const quick = app.task("quick", () => {});
  const held = new Set<number>();
  const workers: Worker[] = [];
  app.on("taskPrerun", () => held.add(workers[0]?.totals.held ?? 0));
  const sent = await app.sendMany(Array.from({ length: 500 }, () => quick.s()));
  workers.push(
    await lab.worker(app, { concurrency: 2, prefetchMultiplier: 2 }),
  );
  await Promise.all(sent.map((each) => each.get({ timeout: PATIENCE })));
  const most = Math.max(...held);
  assert(most <= 4, `${most} were held`);
});

onEachStore("a full queue does not starve another one", async (lab) => {
  const app = lab.app({ taskQueues: ["full", "thin"] });
  const order: string[] = [];
  const task = app.task("task", async (queue: string) => {
    order.push(queue);
    await Promise.resolve();
  });
  await app.sendMany(
    Array.from({ length: 100 }, () => task.s("full").set({ queue: "full" })),
  );
  const thin = await app.sendMany(
    Array.from({ length: 5 }, () => task.s("thin").set({ queue: "thin" })),
  );
  await lab.worker(app, { concurrency: 1, prefetchMultiplier: 1 });
  await Promise.all(thin.map((each) => each.get({ timeout: PATIENCE })));
  const before = order.lastIndexOf("thin");
  assert(before < 20, `the last of the thin queue ran as number ${before + 1}`);
});

onEachStore("priorities are served in order, 0 first", async (lab) => {
  const app = lab.app();
  const order: number[] = [];
  const task = app.task("task", (n: number) => {
    order.push(n);
  });
  const sent = [];
  for (const priority of [5, 9, 0, 3, 0, 9]) {
    sent.push(await task.applyAsync([priority], { priority }));
  }
  await lab.worker(app, { concurrency: 1 });
  await Promise.all(sent.map((each) => each.get({ timeout: PATIENCE })));
  assertEquals(order, [0, 0, 3, 5, 9, 9]);
});

onMemory(
  "a worker serves the queues that it is given, without those excluded",
  async (lab) => {
    const app = lab.app({ taskQueues: ["a", "b", "c"] });
    const task = app.task("task", { bind: true }, (self) => {
      served.push(self.request.deliveryInfo.queue);
    });
    const served: string[] = [];
    for (const queue of ["a", "b", "c"]) await task.applyAsync([], { queue });
    const first = await lab.worker(app, { excludeQueues: ["a", "b"] });
    await until(() => served.length === 1, "c");
    await first.stop();
    const second = await lab.worker(app, { queues: ["b"] });
    await until(() => served.length === 2, "b");
    await second.stop();
    assertEquals(served, ["c", "b"]);
    await assertRejects(
      () => app.worker({ excludeQueues: ["a", "b", "c"] }),
      ConfigError,
      "serve no queue",
    );
  },
);

onMemory("purge empties the queues before the worker starts", async (lab) => {
  const app = lab.app();
  let runs = 0;
  const task = app.task("task", () => ++runs);
  await app.sendMany([task.s(), task.s()]);
  await lab.worker(app, { purge: true });
  const result = await task.delay();
  assertEquals(await result.get({ timeout: PATIENCE }), 1);
});

onEachStore("no more tasks run at a time than there are slots", async (lab) => {
  const app = lab.app();
  let now = 0;
  let most = 0;
  const task = app.task("task", async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    now--;
  });
  const sent = await app.sendMany(Array.from({ length: 60 }, () => task.s()));
  await lab.worker(app, { concurrency: 7 });
  await Promise.all(sent.map((each) => each.get({ timeout: PATIENCE })));
  assertEquals(most, 7);
});

onEachStore(
  "each task runs once, however many workers there are",
  async (lab) => {
    const app = lab.app();
    const ran = new Map<number, number>();
    const task = app.task("task", (n: number) => {
      ran.set(n, (ran.get(n) ?? 0) + 1);
    });
    await Promise.all(
      [1, 2, 3].map((n) =>
        lab.worker(lab.app({}, `app ${n}`), {
          hostname: `w${n}`,
          concurrency: 4,
        })
          .then((worker) => worker.stop())
      ),
    );
    for (const name of ["w1", "w2", "w3"]) {
      await lab.worker(app, { hostname: name, concurrency: 4 });
    }
    const sent = await app.sendMany(
      Array.from({ length: 400 }, (_, n) => task.s(n)),
    );
    await Promise.all(sent.map((each) => each.get({ timeout: PATIENCE })));
    assertEquals(ran.size, 400);
    assertEquals(new Set(ran.values()), new Set([1]));
  },
);

onMemory("the node name fills in the host", async (lab) => {
  const app = lab.app();
  const host = (await lab.worker(app)).hostname.replace("lovage@", "");
  const names = {
    "w1": `w1@${host}`,
    "a@%h": `a@${host}`,
    "%n-1@here": `${host.split(".")[0]}-1@here`,
  };
  for (const [hostname, expected] of Object.entries(names)) {
    const worker = await lab.worker(app, { hostname });
    assertEquals(worker.hostname, expected);
  }
});

onMemory("a worker option that is unknown or wrong is refused", async (lab) => {
  const app = lab.app();
  await assertRejects(
    () => app.worker({ concurency: 1 } as object),
    ConfigError,
    'Did you mean "concurrency"?',
  );
  await assertRejects(
    () => app.worker({ concurrency: 0 }),
    ConfigError,
    'Option "concurrency" of the worker must be a whole number of at least 1, but it is 0',
  );
  await assertRejects(
    () => app.worker({ pool: "isolate" }),
    ConfigError,
    "import.meta.url",
  );
});

onMemory(
  "a scheduled task runs at its time though the worker sleeps",
  async (lab) => {
    const app = lab.app();
    const task = app.task("task", () => Date.now());
    await lab.worker(app);
    const due = Date.now() + 60;
    const result = await task.applyAsync([], { eta: new Date(due) });
    const at = await soon(result.get({ timeout: PATIENCE }), "the run");
    assert(at >= due, `${due - at} ms early`);
  },
);

Deno.test("results in another store than the tasks: everything arrives all the same", async () => {
  const { Lovage } = await import("@lovage/lovage");
  const { drain } = await import("../../src/testing/mod.ts");
  await using app = new Lovage("split", {
    brokerUrl: `memory://${crypto.randomUUID()}`,
    resultBackend: `memory://${crypto.randomUUID()}`,
  });
  const next = app.task("next", (n: number) => n + 1);
  const task = app.task("task", (good: boolean) => {
    if (!good) throw new RangeError("bad");
    return 41;
  });
  const good = await task.applyAsync([true], {
    link: next.s().set({ taskId: "next" }),
  });
  const bad = await task.delay(false);
  const revoked = await task.applyAsync([true], { countdown: 60 });
  await revoked.revoke();
  await drain(app);
  assertEquals(await good.get(), 41);
  assertEquals(await app.AsyncResult("next").get(), 42);
  await assertRejects(() => bad.get(), RangeError);
  assertEquals(await revoked.state(), "REVOKED");
});
