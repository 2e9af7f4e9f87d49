import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConfigError, Lovage, type Routes } from "@lovage/lovage";
import { enqueued } from "../../src/testing/mod.ts";
import { Router } from "../../src/producer/router.ts";
import { onMemory, untyped } from "../_helpers.ts";

const queueOf = (routes: Routes, task: string, ...args: unknown[]) =>
  new Router(routes).route(task, args).queue;

Deno.test("a route matches by the whole name", () => {
  const routes = { "a.b": "one" };
  assertEquals(queueOf(routes, "a.b"), "one");
  for (const other of ["a.bc", "xa.b", "a", "axb"]) {
    assertEquals(queueOf(routes, other), undefined);
  }
});

Deno.test("a route matches by a glob, whose other characters are themselves", () => {
  const routes = { "img.*": "img", "v?.(x)+": "odd", "*": "rest" };
  assertEquals(queueOf(routes, "img.resize.small"), "img");
  assertEquals(queueOf(routes, "img"), "rest");
  assertEquals(queueOf(routes, "v1.(x)+"), "odd");
  assertEquals(queueOf(routes, "v1.xx"), "rest");
});

Deno.test("a route matches by a regular expression, each time anew", () => {
  const routes = [[/^img\./gy, "img"]] as const;
  const router = new Router(routes);
  for (let time = 0; time < 3; time++) {
    assertEquals(router.route("img.a", []).queue, "img");
    assertEquals(router.route("aimg.a", []).queue, undefined);
  }
});

Deno.test("a route function looks at the call and may leave the choice to the next", () => {
  const routes: Routes = [
    (task, [size]) =>
      task === "resize" && Number(size) > 9 ? "large" : undefined,
    (_, [, customer]) =>
      customer === "vip" ? { queue: "vip", priority: 0 } : undefined,
    ["*", { queue: "rest", priority: 9 }],
  ];
  const router = new Router(routes);
  assertEquals(router.route("resize", [10, "vip"]), { queue: "large" });
  assertEquals(router.route("resize", [1, "vip"]), {
    queue: "vip",
    priority: 0,
  });
  assertEquals(router.route("crop", []), { queue: "rest", priority: 9 });
});

Deno.test("the first route that matches wins", () => {
  const routes: Routes = [["a.*", "one"], ["a.b", "two"], ["*", "three"]];
  assertEquals(queueOf(routes, "a.b"), "one");
  assertEquals(queueOf(routes.toReversed() as Routes, "a.b"), "three");
});

onMemory("call over route over task option over default", async (lab) => {
  const app = lab.app({
    taskDefaultPriority: 8,
    taskDefaultQueue: "base",
    taskRoutes: {
      "routed.*": { queue: "route", priority: 2 },
      "half.*": { priority: 3 },
    },
  });
  const options = { queue: "own", priority: 5 };
  app.task("routed.a", options, () => {});
  app.task("half.a", options, () => {});
  app.task("own", options, () => {});
  app.task("plain", () => {});
  for (const name of app.tasks.keys()) await app.sendTask(name);
  await app.sendTask("routed.elsewhere");
  await app.sendTask("routed.a", [], { queue: "call", priority: 0 });
  assertEquals(
    (await enqueued(app)).map(({ task, queue, priority }) => [
      task,
      queue,
      priority,
    ]),
    [
      ["routed.a", "route", 2],
      ["half.a", "own", 3],
      ["own", "own", 5],
      ["plain", "base", 8],
      ["routed.elsewhere", "route", 2],
      ["routed.a", "call", 0],
    ],
  );
});

onMemory(
  "a route function that answers nonsense is refused at the call",
  async (lab) => {
    const app = lab.app({ taskRoutes: [untyped(() => ({ quee: "a" }))] });
    await assertRejects(
      () => app.sendTask("task"),
      ConfigError,
      'A route function of taskRoutes answered for "task"',
    );
  },
);

onMemory(
  "taskCreateMissingQueues: false refuses queues that are not declared",
  async (lab) => {
    const app = lab.app({
      taskCreateMissingQueues: false,
      taskQueues: ["default", "mail"],
    });
    await app.sendTask("task", [], { queue: "mail" });
    await assertRejects(
      () => app.sendTask("task", [], { queue: "mial" }),
      ConfigError,
      'queue "mial", which is not in taskQueues (default, mail)',
    );
  },
);

Deno.test("routes that will not do are refused when the app is configured", () => {
  const wrong: readonly (readonly [unknown, string])[] = [
    ["mail", "must be an object"],
    [[["mail"]], "pairs such as"],
    [[[7, "mail"]], "a name, a glob or a regular expression"],
    [{ "mail.*": 7 }, "a queue's name or to { queue, priority }"],
    [{ "mail.*": { que: "a" } }, 'without "que"'],
    [{ "mail.*": { priority: 10 } }, "whose priority is"],
    [{ "mail.*": "" }, "a queue's name"],
  ];
  for (const [taskRoutes, message] of wrong) {
    assertThrows(
      () => new Lovage("shop", { taskRoutes: untyped(taskRoutes) }),
      ConfigError,
      message,
    );
  }
});
