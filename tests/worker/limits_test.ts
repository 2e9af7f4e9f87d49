/** Limits that all workers keep together, from the options to the runs. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConfigError, Lovage } from "@lovage/lovage";
import { decodeEnvelope } from "../../src/message/envelope.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import {
  Latch,
  onMemory,
  PATIENCE,
  soon,
  until,
  untyped,
} from "../_helpers.ts";

/** Counts how many run at a time, by key. */
class Gauge {
  most = 0;
  readonly #now = new Map<string, number>();

  async run(key: string, work: () => Promise<unknown>): Promise<void> {
    const now = (this.#now.get(key) ?? 0) + 1;
    this.#now.set(key, now);
    this.most = Math.max(this.most, now);
    await work();
    this.#now.set(key, (this.#now.get(key) ?? 0) - 1);
  }
}

const tick = () => new Promise((resolve) => setTimeout(resolve, 1));

onMemory("a concurrency limit holds for two workers together", async (lab) => {
  const app = lab.app();
  const gauge = new Gauge();
  const task = app.task(
    "task",
    { concurrency: 3 },
    (_n: number) => gauge.run("", tick),
  );
  const results = await app.sendMany(
    Array.from({ length: 60 }, (_, n) => task.s(n)),
  );
  await lab.worker(app, { hostname: "one" });
  await lab.worker(app, { hostname: "two" });
  await Promise.all(results.map((each) => each.get({ timeout: PATIENCE })));
  assertEquals(gauge.most, 3);
});

onMemory("a key of the arguments has a limit of its own", async (lab) => {
  const app = lab.app();
  const gauge = new Gauge();
  const task = app.task(
    "task",
    { concurrency: { limit: 1, key: (user) => user } },
    (user: string, _n: number) => gauge.run(user, tick),
  );
  const results = await app.sendMany(
    Array.from({ length: 30 }, (_, n) => task.s("abc"[n % 3] ?? "", n)),
  );
  await lab.worker(app);
  await Promise.all(results.map((each) => each.get({ timeout: PATIENCE })));
  assertEquals(gauge.most, 1);
});

onMemory(
  "tasks that name one key share its limit; queues have theirs",
  async (lab) => {
    const app = lab.app({ taskQueueLimits: { narrow: { concurrency: 2 } } });
    const shared = new Gauge();
    const narrow = new Gauge();
    const concurrency = { limit: 1, key: "gpu" };
    const one = app.task("one", { concurrency }, () => shared.run("", tick));
    const two = app.task("two", { concurrency }, () => shared.run("", tick));
    const other = app.task(
      "other",
      { queue: "narrow" },
      () => narrow.run("", tick),
    );
    const results = await app.sendMany(
      Array.from({ length: 10 }, () => [one.s(), two.s(), other.s()]).flat(),
    );
    await lab.worker(app, { queues: ["default", "narrow"] });
    await Promise.all(results.map((each) => each.get({ timeout: PATIENCE })));
    assertEquals([shared.most, narrow.most], [1, 2]);
  },
);

onMemory(
  "a rate of scope cluster holds for all workers together",
  async (lab) => {
    const clock = new FakeClock(0);
    const app = lab.app({ clock });
    const at: number[] = [];
    const task = app.task(
      "task",
      { rateLimit: { limit: "5/s", scope: "cluster" } },
      () => void at.push(clock.now()),
    );
    await app.sendMany(Array.from({ length: 12 }, () => task.s()));
    await lab.worker(app, { hostname: "one" });
    await lab.worker(app, { hostname: "two" });
    await until(() => at.length === 5, "the first");
    for (let ms = 0; at.length < 12 && ms < 5_000; ms += 10) {
      await clock.advanceAsync(10);
    }
    assertEquals(at.length, 12);
    at.forEach((start, index) => {
      const next = at[index + 5];
      assert(
        next === undefined || next - start >= 1_000,
        `${start} to ${next}`,
      );
    });
  },
);

onMemory("what is held back holds up nothing else", async (lab) => {
  const app = lab.app();
  const go = new Latch();
  const slow = app.task("slow", { concurrency: 1 }, () => go.opened);
  const quick = app.task("quick", () => "ran");
  await app.sendMany(Array.from({ length: 50 }, () => slow.s()));
  const worker = await lab.worker(app, { concurrency: 2 });
  for (let n = 0; n < 20; n++) {
    assertEquals(await (await quick.delay()).get({ timeout: PATIENCE }), "ran");
  }
  assertEquals(worker.totals.held, 1);
  go.open();
});

onMemory("a busy worker gets its share of tasks with limits", async (lab) => {
  const app = lab.app();
  let stop = false;
  const plain = app.task("plain", () => tick());
  const task = app.task("task", { concurrency: 1 }, () => "ran");
  await app.sendMany(Array.from({ length: 500 }, () => plain.s()));
  await lab.worker(app, { concurrency: 2 });
  const feeding = (async () => {
    while (!stop) {
      const more = await app.sendMany(
        Array.from({ length: 50 }, () => plain.s()),
      );
      await more[0]?.get({ timeout: PATIENCE });
    }
  })();
  for (let n = 0; n < 5; n++) {
    assertEquals(await (await task.delay()).get({ timeout: PATIENCE }), "ran");
  }
  stop = true;
  await feeding;
  const store = await lab.store();
  await until(
    async () => (await store.inspector.queues()).length === 0,
    "all to end",
  );
});

onMemory(
  "a task that was sent by name gets its limits from the worker",
  async (lab) => {
    const sender = lab.app({}, "sender");
    const app = lab.app();
    const gauge = new Gauge();
    app.task(
      "task",
      { concurrency: { limit: 1, key: (user: string) => user } },
      (user: string) => gauge.run(user, tick),
    );
    const results = await Promise.all(
      Array.from({ length: 10 }, () => sender.sendTask("task", ["a"])),
    );
    await lab.worker(app);
    await Promise.all(results.map((each) => each.get({ timeout: PATIENCE })));
    assertEquals(gauge.most, 1);
  },
);

onMemory(
  "limits that come with messages are for starting soon, though the worker's app has none",
  async (lab) => {
    const clock = new FakeClock(0);
    const taskQueueLimits = { default: { concurrency: 50 } };
    const sender = lab.app({ clock, taskQueueLimits }, "sender");
    const app = lab.app({ clock });
    const go = new Latch();
    let begun = 0;
    app.task("quick", () => {});
    app.task("slow", () => {
      begun++;
      return go.opened;
    });
    const quick = await app.sendMany(
      Array.from({ length: 200 }, () => app.signature("quick")),
    );
    const one = await lab.worker(app, { concurrency: 1, hostname: "one" });
    await Promise.all(quick.map((each) => each.get({ timeout: "1h" })));
    // It is quick and has none to do: of others it would hold hundreds.
    await sender.sendMany(
      Array.from({ length: 50 }, () => sender.signature("slow")),
    );
    await until(() => begun === 1, "the first to begin");
    await lab.worker(app, { hostname: "two" });
    await until(() => begun + one.totals.held === 51, "the others to begin");
    assert(one.totals.held <= 3, `${one.totals.held} held`);
    go.open();
  },
);

onMemory(
  "a retry gives its room back while it waits, and is limited again",
  async (lab) => {
    const clock = new FakeClock(0);
    const app = lab.app({ clock });
    const runs: string[] = [];
    const task = app.task(
      "task",
      { bind: true, concurrency: 1 },
      (self, name: string) => {
        runs.push(name);
        if (self.request.retries === 0 && name === "a") {
          throw self.retry({ countdown: 60 });
        }
      },
    );
    const [a, b] = await app.sendMany([task.s("a"), task.s("b")]);
    await lab.worker(app);
    await soon(b.get({ timeout: "1h" }), "the second");
    const store = await lab.store(clock);
    const [live] = await store.inspector.find([a.id]);
    assertEquals(live?.limits, [
      { kind: "concurrency", key: "task:task", most: 1 },
    ]);
    await clock.advanceAsync(60_000);
    await soon(a.get({ timeout: "1h" }), "the first");
    assertEquals(runs, ["a", "b", "a"]);
  },
);

onMemory(
  "steps of a chain and callbacks are limited by their arguments",
  async (lab) => {
    const app = lab.app();
    const seen: (string | undefined)[] = [];
    const task = app.task(
      "task",
      {
        concurrency: {
          limit: 5,
          key: (n) => {
            seen.push(`key ${n}`);
            return String(n);
          },
        },
      },
      (n: number) => n + 1,
    );
    const { chain } = await import("@lovage/lovage");
    const result = await chain(task.s(1), task.s()).delay();
    await lab.worker(app);
    assertEquals(await result.get({ timeout: PATIENCE }), 3);
    assertEquals(seen.includes("key 1") && seen.includes("key 2"), true);
  },
);

Deno.test("limits that could not hold are refused", async () => {
  await using app = new Lovage("app", { brokerUrl: "memory://" });
  const define = (name: string, options: object) => () =>
    app.task(name, untyped(options), () => {});
  assertThrows(
    define("a", { concurrency: 1, acksLate: false }),
    ConfigError,
    'Option "concurrency" of task "a" cannot hold with acksLate: false',
  );
  assertThrows(
    define("b", { unique: true, acksLate: false }),
    ConfigError,
    'Option "unique" of task "b" cannot hold with acksLate: false',
  );
  app.task("b2", { unique: { for: "5m" }, acksLate: false }, () => {});
  assertThrows(
    define("c", { unique: { onConflict: "keepLast", for: 5 } }),
    ConfigError,
    'has both onConflict: "keepLast" and for',
  );
  assertThrows(
    define("d", { concurrency: 0 }),
    ConfigError,
    'Option "concurrency" of task "d" must be a whole number of at least 1',
  );
  assertThrows(
    define("e", { rateLimit: { limit: "5/s", scope: "worker" } }),
    ConfigError,
    'Option "scope" of rateLimit must be "cluster", but it is "worker"',
  );
  assertThrows(
    define("f", { rateLimit: { limit: "5/s" } }),
    ConfigError,
    "scope is missing",
  );
  assertThrows(
    define("g", { unique: { onConflict: "keep" } }),
    ConfigError,
    'must be "skip" or "replace" or "keepLast"',
  );
  assertThrows(
    define("h", { concurrency: { limt: 1 } }),
    ConfigError,
    'Did you mean "limit"?',
  );
  assertThrows(
    () =>
      new Lovage("bad", {
        taskQueueLimits: untyped({ q: { concurrency: -1 } }),
      }),
    ConfigError,
    'taskQueueLimits of queue "q" must be a whole number',
  );
});

Deno.test("a key that is no text is refused at the call", async () => {
  await using app = new Lovage("app", { brokerUrl: "memory://" });
  const task = app.task(
    "task",
    { concurrency: { limit: 1, key: untyped(() => 7) } },
    () => {},
  );
  await assertRejects(
    () => task.delay(),
    ConfigError,
    'The key of a limit of task "task" must be a text, but its function returned 7',
  );
});

Deno.test("a worker refuses at its start what its settings make impossible", async () => {
  const taskAcksLate = false;
  await using app = new Lovage("app", { brokerUrl: "memory://", taskAcksLate });
  app.task("task", { concurrency: 1 }, () => {});
  await assertRejects(
    () => app.worker({ pool: "async" }),
    ConfigError,
    "cannot hold with acksLate: false",
  );
});

onMemory("rates are counted in whole numbers", async (lab) => {
  const app = lab.app();
  const rates = ["2.5/s", "0.5/s", "90/m", "1/h", 3] as const;
  const limits = [];
  const store = await lab.store();
  for (const [at, limit] of rates.entries()) {
    const task = app.task(
      `task${at}`,
      { rateLimit: { limit, scope: "cluster" } },
      () => {},
    );
    const { id } = await task.delay();
    const [live] = await store.inspector.find([id]);
    const [rate] = live?.limits ?? [];
    limits.push(rate?.kind === "rate" ? [rate.most, rate.per] : null);
    decodeEnvelope(live?.body ?? "");
  }
  assertEquals(limits, [
    [2, 800],
    [1, 2_000],
    [90, 60_000],
    [1, 3_600_000],
    [3, 1_000],
  ]);
});
