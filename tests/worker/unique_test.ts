/** Tasks of which one is enough. */

import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { chain, chord, ConfigError, group } from "@lovage/lovage";
import { FakeClock } from "../../src/testing/mod.ts";
import { Latch, onMemory, PATIENCE, soon, until } from "../_helpers.ts";

onMemory(
  "one that is like another is not sent; its result is the other's",
  async (lab) => {
    const app = lab.app();
    const runs: object[] = [];
    const task = app.task("task", { unique: true }, (of: object, n: number) => {
      runs.push(of);
      return n;
    });
    const first = await task.delay({ a: 1, b: [2, { c: 3, d: 4 }] }, 1);
    const same = await task.delay({ b: [2, { d: 4, c: 3 }], a: 1 }, 1);
    const other = await task.delay({ a: 1 }, 1);
    assertEquals(same.id, first.id);
    assertNotEquals(other.id, first.id);
    await lab.worker(app);
    assertEquals(await same.get({ timeout: PATIENCE }), 1);
    await other.get({ timeout: PATIENCE });
    assertEquals(runs.length, 2);
    const again = await task.delay({ a: 1, b: [2, { c: 3, d: 4 }] }, 1);
    assertNotEquals(again.id, first.id);
    await again.get({ timeout: PATIENCE });
  },
);

onMemory(
  "a key of its own says which are alike, also in one sendMany",
  async (lab) => {
    const app = lab.app();
    const task = app.task(
      "task",
      { unique: { key: (user) => user } },
      (user: string, n: number) => `${user}${n}`,
    );
    const plain = app.task("plain", () => {});
    const [a1, p, a2, b1, a3] = await app.sendMany([
      task.s("a", 1),
      plain.s(),
      task.s("a", 2),
      task.s("b", 1),
      task.s("a", 3),
    ]);
    assertEquals([a2.id, a3.id], [a1.id, a1.id]);
    await lab.worker(app);
    const got = await Promise.all(
      [a1, a2, b1].map((each) => each.get({ timeout: PATIENCE })),
    );
    assertEquals(got, ["a1", "a1", "b1"]);
    await p.get({ timeout: PATIENCE });
  },
);

onMemory(
  "it is enough for as long as said, whatever has become of it",
  async (lab) => {
    const clock = new FakeClock(0);
    const app = lab.app({ clock });
    const task = app.task("task", { unique: { for: "5m" } }, () => "ran");
    await lab.worker(app);
    const first = await task.delay();
    assertEquals(await soon(first.get({ timeout: "1h" }), "it"), "ran");
    clock.advance(299_999);
    assertEquals((await task.delay()).id, first.id);
    clock.advance(1);
    assertNotEquals((await task.delay()).id, first.id);
  },
);

onMemory(
  "replace: the one that waits becomes the new one, under its id",
  async (lab) => {
    const app = lab.app();
    const go = new Latch();
    const runs: number[] = [];
    const task = app.task(
      "task",
      { unique: { key: () => "one", onConflict: "replace" } },
      async (n: number) => {
        runs.push(n);
        await go.opened;
        return n;
      },
    );
    const first = await task.applyAsync([1], { countdown: "1h" });
    const second = await task.delay(2);
    assertEquals(second.id, first.id);
    await lab.worker(app);
    await until(() => runs.length === 1, "it to run");
    const third = await task.delay(3);
    assertEquals(third.id, first.id);
    go.open();
    assertEquals(await third.get({ timeout: PATIENCE }), 2);
    const fourth = await task.delay(4);
    assertEquals(await fourth.get({ timeout: PATIENCE }), 4);
    assertEquals(runs, [2, 4]);
  },
);

onMemory("keepLast: one runs, and the newest waits", async (lab) => {
  const app = lab.app();
  const runs: number[] = [];
  let go = new Latch();
  const task = app.task(
    "task",
    { unique: { key: () => "one", onConflict: "keepLast" } },
    async (n: number) => {
      runs.push(n);
      await go.opened;
      return n;
    },
  );
  await lab.worker(app);
  const first = await task.delay(1);
  await until(() => runs.length === 1, "the first to run");
  const second = await task.delay(2);
  const third = await task.delay(3);
  assertNotEquals(second.id, first.id);
  assertEquals(third.id, second.id);
  await task.delay(4);
  const before = go;
  go = new Latch();
  before.open();
  assertEquals(await first.get({ timeout: PATIENCE }), 1);
  await until(() => runs.length === 2, "the newest to run");
  assertEquals(runs, [1, 4]);
  go.open();
  assertEquals(await third.get({ timeout: PATIENCE }), 4);
});

onMemory(
  "a unique task cannot be part of a canvas, but a callback",
  async (lab) => {
    const app = lab.app();
    const task = app.task("task", { unique: true }, (n: number) => n);
    const plain = app.task("plain", (n: number) => n);
    const list = app.task("list", (all: number[]) => all);
    const bodies = app.task("bodies", { unique: true }, (all: number[]) => all);
    const message = 'Task "task" is unique, so it cannot be part of a chain';
    const canvases = [
      chain(task.s(1), plain.s()),
      chain(plain.s(1), task.s()),
      group([task.s(1)]),
      chord([task.s(1)], list.s()),
      chain(
        plain.signature([1], { link: chain(plain.s(), task.s()) }),
        plain.s(),
      ),
    ];
    for (const canvas of canvases) {
      await assertRejects(() => canvas.delay(), ConfigError, message);
    }
    await assertRejects(
      () => chord([plain.s(1)], bodies.s()).delay(),
      ConfigError,
      'Task "bodies" is unique',
    );
    await lab.worker(app);
    const waiting = await task.applyAsync([7], { countdown: "1h" });
    const linked = await plain.applyAsync([7], { link: task.si(7) });
    assertEquals(await linked.get({ timeout: PATIENCE }), 7);
    const store = await lab.store();
    const { items } = await store.inspector.tasks(
      { status: "scheduled" },
      { limit: 10 },
    );
    assertEquals(items.map(({ id }) => id), [waiting.id]);
  },
);

onMemory(
  "the body of a chord has no key of arguments that come later",
  async (lab) => {
    const app = lab.app();
    const plain = app.task("plain", (n: number) => n);
    const body = app.task(
      "body",
      { concurrency: { limit: 1, key: (all) => String(all) } },
      (all: number[]) => all.length,
    );
    const bodies = [
      chord([plain.s(1)], body.s()),
      chain(group([plain.s(1)]), body.s()),
    ];
    for (const canvas of bodies) {
      await assertRejects(
        () => canvas.delay(),
        ConfigError,
        'Task "body" has a limit whose key is made of its arguments',
      );
    }
    const fixed = app.task(
      "fixed",
      { concurrency: 1 },
      (all: number[]) => all.length,
    );
    const result = await chord([plain.s(1), plain.s(2)], fixed.s()).delay();
    await lab.worker(app);
    assertEquals(await result.get({ timeout: PATIENCE }), 2);
  },
);

onMemory("a task sends unique tasks of its own", async (lab) => {
  const app = lab.app();
  const task = app.task("task", { unique: true }, () => {});
  const sender = app.task("sender", async () => {
    const both = [await task.applyAsync([], { countdown: "1h" })];
    both.push(await task.delay());
    return both.map(({ id }) => id);
  });
  await lab.worker(app);
  const sent = await (await sender.delay()).get({ timeout: PATIENCE });
  assertEquals(sent[0], sent[1]);
});

onMemory("a key that is long or odd is known by its hash", async (lab) => {
  const app = lab.app();
  const task = app.task("task", { unique: true }, (_text: string) => {});
  const texts = ["x".repeat(10_000), "a\0b", "x".repeat(10_001), "\ud800"];
  const sent = [];
  for (const text of [...texts, ...texts]) {
    sent.push((await task.applyAsync([text], { countdown: 60 })).id);
  }
  assertEquals(sent.slice(0, 4), sent.slice(4));
  assertEquals(new Set(sent).size, 4);
});

onMemory(
  "a unique task that is revoked while it waits frees its key",
  async (lab) => {
    const app = lab.app();
    const task = app.task("task", { unique: true }, () => "ran");
    const first = await task.applyAsync([], { countdown: "1h" });
    await first.revoke();
    const second = await task.delay();
    assertNotEquals(second.id, first.id);
    await lab.worker(app);
    assertEquals(await second.get({ timeout: PATIENCE }), "ran");
  },
);
