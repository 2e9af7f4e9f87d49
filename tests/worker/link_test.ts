import { assert, assertEquals, assertRejects } from "@std/assert";
import { EncodeError } from "@lovage/lovage";
import { drain, FakeClock } from "../../src/testing/mod.ts";
import { onEachStore, onMemory } from "../_helpers.ts";

onEachStore(
  "link sends a task with the result, as a child of the one before",
  async (lab) => {
    const app = lab.app();
    const add = app.task(
      "add",
      { bind: true },
      (self, a: number, b: number) => ({
        sum: a + b,
        parentId: self.request.parentId,
        rootId: self.request.rootId,
      }),
    );
    const first = app.task("first", (n: number) => n);
    const result = await first.applyAsync([1], {
      link: [
        add.s(10).set({ taskId: "a" }),
        add.si(5, 5).set({ taskId: "b", queue: "other" }),
      ],
    });
    await drain(app);
    const lineage = { parentId: result.id, rootId: result.id };
    assertEquals(await app.AsyncResult("a").get(), { sum: 11, ...lineage });
    assertEquals(await app.AsyncResult("b").get(), { sum: 10, ...lineage });
  },
);

onMemory("links of links go on, the root stays", async (lab) => {
  const app = lab.app();
  const inc = app.task("inc", { bind: true }, (self, n: number) => {
    roots.add(self.request.rootId);
    return n + 1;
  });
  const roots = new Set<string>();
  const result = await inc.applyAsync([0], {
    link: inc.s().link(inc.s().link(inc.s().set({ taskId: "last" }))),
  });
  await drain(app);
  assertEquals(await app.AsyncResult("last").get(), 4);
  assertEquals([...roots], [result.id]);
});

onEachStore(
  "linkError sends a task with the request and the error",
  async (lab) => {
    const app = lab.app();
    let told: unknown[] = [];
    const failed = app.task("failed", (...args: unknown[]) => {
      told = args;
    });
    const other = app.task("other", () => {});
    const task = app.task("task", (_n: number) => {
      throw new TypeError("bad");
    });
    const result = await task.applyAsync([1], {
      linkError: failed.s("mine"),
      link: other.si().set({ taskId: "never" }),
    });
    await drain(app);
    const [request, error, own] = told as [
      Record<string, unknown>,
      Record<string, unknown>,
      string,
    ];
    assertEquals(request, {
      id: result.id,
      task: "task",
      args: [1],
      retries: 0,
    });
    assertEquals([error["name"], error["message"]], ["TypeError", "bad"]);
    assertEquals(own, "mine");
    assertEquals(await app.AsyncResult("never").state(), "PENDING");
  },
);

onMemory("rich results arrive at the next task as they were", async (lab) => {
  const app = lab.app();
  const value = { at: new Date(5), set: new Set([1n]), none: undefined };
  const first = app.task("first", () => value);
  const next = app.task("next", (given: unknown, own: Map<string, number>) => {
    seen = [given, own];
  });
  let seen: unknown[] = [];
  await first.applyAsync([], { link: next.s(new Map([["a", 1]])) });
  await drain(app);
  assertEquals(seen, [value, new Map([["a", 1]])]);
});

onEachStore(
  "a task whose link cannot be sent fails, and is not stuck",
  async (lab) => {
    const app = lab.app({ taskMaxMessageSize: 5_000 });
    const next = app.task("next", (text: string) => text.length);
    const failed = app.task("failed", () => "told");
    const task = app.task("task", () => "x".repeat(6_000));
    const result = await task.applyAsync([], {
      link: next.s(),
      linkError: failed.si().set({ taskId: "failed" }),
    });
    assertEquals(await drain(app), { SUCCESS: 2 });
    await assertRejects(() => result.get(), EncodeError, "taskMaxMessageSize");
    assertEquals(await app.AsyncResult("failed").get(), "told");
  },
);

onMemory(
  "a task whose error callback cannot be sent has failed all the same",
  async (lab) => {
    const app = lab.app({ taskMaxMessageSize: 5_000 });
    const failed = app.task("failed", () => "told");
    const task = app.task("task", () => {
      throw new Error("x".repeat(6_000));
    });
    const result = await task.applyAsync([], { linkError: failed.s() });
    assertEquals(await drain(app), { FAILURE: 1 });
    assert(await result.failed());
  },
);

onMemory("a link keeps its own options", async (lab) => {
  const clock = new FakeClock(0);
  const app = lab.app({ clock });
  const next = app.task("next", { bind: true }, (self) => ({
    at: clock.now(),
    priority: self.request.deliveryInfo.priority,
    queue: self.request.deliveryInfo.queue,
    headers: self.request.headers,
  }));
  const task = app.task("task", () => {});
  await task.applyAsync([], {
    link: next.si().set({
      countdown: "1m",
      headers: { a: 1 },
      priority: 8,
      queue: "own",
      taskId: "next",
    }),
  });
  await drain(app, { withScheduled: true });
  assertEquals(await app.AsyncResult("next").get(), {
    at: 60_000,
    priority: 8,
    queue: "own",
    headers: { a: 1 },
  });
});

onMemory("a link inherits the priority where tasks do", async (lab) => {
  const app = lab.app({ taskInheritParentPriority: true });
  const next = app.task(
    "next",
    { bind: true },
    (self) => self.request.deliveryInfo.priority,
  );
  const task = app.task("task", () => {});
  await task.applyAsync([], {
    priority: 1,
    link: next.si().set({ taskId: "next" }),
  });
  await drain(app);
  assertEquals(await app.AsyncResult("next").get(), 1);
});
