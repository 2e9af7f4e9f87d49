/** What people are told of limits. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Explanation, Lovage } from "@lovage/lovage";
import { findAll } from "../../src/control/check/check.ts";
import type { StoreContext } from "../../src/control/check/context.ts";
import { describeApp } from "../../src/control/check/describe_app.ts";
import { counted } from "../../src/control/limit_words.ts";
import { internalsOf } from "../../src/internals.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { Latch, PATIENCE, until } from "../_helpers.ts";
import { everyStore } from "./_stores.ts";

const onEach = everyStore();

/** What is said must match each of these. */
function assertSays(
  { sentences }: Explanation,
  ...patterns: readonly RegExp[]
): void {
  const all = sentences.join("\n");
  for (const pattern of patterns) assertMatch(all, pattern);
}

onEach(
  "a task that a concurrency limit holds back, and who has it",
  async (place) => {
    const app = place.app();
    const go = new Latch();
    const task = app.task(
      "task",
      { concurrency: { limit: 1, key: (user) => user } },
      (_user: string) => go.opened,
    );
    const first = await task.delay("ann");
    const worker = await place.worker(app, { hostname: "w@one" });
    await until(() => worker.totals.held === 1, "the first to run");
    const second = await task.delay("ann");
    const said = await app.explain(second.id);
    assertEquals([said.where, said.state], ["queued", "PENDING"]);
    assertSays(
      said,
      new RegExp(
        `^It is limited by concurrency, to 1 at a time for key "ann" of task "task", which is held by ${first.id}$`,
        "m",
      ),
    );
    assert(said.cures.includes(`lovage explain ${first.id}`));
    assert(!said.sentences.join().includes("taken at once"));
    go.open();
    await second.get({ timeout: PATIENCE });
  },
);

onEach("a task that a rate holds back, and until when", async (place) => {
  const clock = new FakeClock();
  const app = place.app({ clock });
  const task = app.task(
    "task",
    { rateLimit: { limit: "2/m", scope: "cluster" } },
    () => {},
  );
  const worker = await place.worker(app, { hostname: "w@one" });
  await app.sendMany([task.s(), task.s()]);
  await until(() => worker.totals.ended["success"] === 2, "two to end");
  const { id } = await task.delay();
  assertSays(
    await app.explain(id),
    /^It is limited by rate, to 2 within 1m for task "task": 2 have started within that time, and there is room at \S+Z \(in 1m\)$/m,
  );
});

onEach(
  "unique tasks, and one without a worker beside its limit",
  async (place) => {
    const app = place.app();
    const once = app.task("once", { unique: true }, () => {});
    const last = app.task(
      "last",
      { unique: { onConflict: "keepLast" } },
      () => {},
    );
    const { id } = await once.applyAsync([], { countdown: 60 });
    assertSays(
      await app.explain(id),
      /^It is unique: others like it are not sent, or take its place, and are known by this id$/m,
    );
    const newest = await last.delay();
    assertSays(
      await app.explain(newest.id),
      /^It is unique \(keepLast\): while it waits, a newer one like it/m,
      /^No worker is alive at all$/m,
    );
    await last.applyAsync([], { taskId: "newer" });
    assertSays(
      await app.explain(newest.id),
      /^It was replaced by the call newer, made at \S+Z \(now\): it has/m,
    );
  },
);

onEach("registered tasks are told with their limits", async (place) => {
  const app = place.app();
  app.task("a", {
    queue: "default",
    rateLimit: { limit: "100/s", scope: "cluster", key: (n) => n },
    concurrency: { limit: 3, key: "gpu" },
    unique: true,
  }, (_n: string) => {});
  await place.worker(app, { hostname: "w@one" });
  const { replies } = await app.control.inspect({ timeout: "10s" })
    .registered();
  assertEquals(replies["w@one"], [
    'a [queue=default rateLimit=100 within 1s for each key concurrency=3 for key "gpu" unique=skip]',
  ]);
});

Deno.test("keys are told in words", () => {
  assertEquals(
    ["task:a.b", "task:a\nx y", "key:gpu", "queue:q", "last:a\n[]", "odd"]
      .map(counted),
    [
      'task "a.b"',
      'key "x y" of task "a"',
      'key "gpu"',
      'queue "q"',
      'those of task "a" that are alike (unique, keepLast)',
      'key "odd"',
    ],
  );
});

/** What the check of limits finds. */
async function found(
  config: object,
  store: Partial<StoreContext>,
  define: (app: Lovage) => void,
): Promise<string> {
  await using app = new Lovage("shop", { brokerUrl: "memory://", ...config });
  define(app);
  const { findings } = findAll({
    app: await describeApp(internalsOf(app)),
    running: {
      stores: [{
        address: "redis+cluster://one",
        durable: true,
        shared: true,
        limitsAcrossQueues: true,
        warnings: [],
        ...store,
      }],
      queues: [],
      workers: [],
      oldest: {},
      letters: { count: 0, more: false, reasons: {} },
      schedule: { leader: null, stored: [], more: false, overdue: [] },
      clocks: [],
      silent: [],
      lease: 15_000,
      version: "1.0.0",
    },
  });
  return findings.filter(({ check }) => check === "clusterLimits")
    .map(({ level, detail }) => `${level}: ${detail}`).join("\n");
}

Deno.test("a check says where limits are counted for each queue", async () => {
  const define = (app: Lovage) => {
    const concurrency = { limit: 1, key: "gpu" };
    app.task("a", { queue: "one", concurrency }, () => {});
    app.task("b", { queue: "two", concurrency }, () => {});
    app.task("c", { queue: "two", unique: true }, () => {});
  };
  const scattered = { limitsAcrossQueues: false };
  assertMatch(await found({}, {}, define), /^ok: /);
  assertMatch(
    await found({}, scattered, define),
    /^warning: This store counts limits and unique tasks for each queue by itself, .*: key "gpu"$/,
  );
  const taskRoutes = [(_task: string, args: readonly unknown[]) => {
    return args.length === 0 ? undefined : `queue-${args[0]}`;
  }];
  assertMatch(
    await found({ taskRoutes }, scattered, define),
    /: key "gpu"$/,
  );
  const byArgs = [
    (_task: string, [first]: readonly unknown[]) =>
      (first as { queue: string }).queue,
  ];
  assertMatch(
    await found({ taskRoutes: byArgs }, scattered, define),
    /: key "gpu", task "c"$/,
  );
  assertEquals(
    await found({}, scattered, (app) => app.task("a", () => {})),
    "",
  );
});

Deno.test("a check names tasks that a queue cannot count", async () => {
  const taskQueueLimits = { narrow: { concurrency: 1 } };
  assertMatch(
    await found({ taskQueueLimits }, {}, (app) => {
      app.task("early", { queue: "narrow", acksLate: false }, () => {});
      app.task("late", { queue: "narrow" }, () => {});
    }),
    /^problem: .*cannot be sent there: early$/,
  );
});
