import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  ConfigError,
  Lovage,
  sharedTask,
  ValidationError,
} from "@lovage/lovage";
import { z } from "zod";
import { drain } from "../../src/testing/mod.ts";
import { onMemory, untyped } from "../_helpers.ts";

// First, since afterwards there is an app.
const orphan = sharedTask("shared.orphan", () => 1);

Deno.test("a shared task without an app says what is missing", async () => {
  await assertRejects(
    async () => await orphan.delay(),
    ConfigError,
    "make one with new Lovage(name)",
  );
});

onMemory(
  "a shared task belongs to every app, those to come as well",
  async (lab) => {
    const before = lab.app({}, "before");
    const add = sharedTask("shared.add", (a: number, b: number) => a + b);
    const after = lab.app({}, "after");
    for (const app of [before, after]) {
      assertEquals(app.tasks.get("shared.add"), add);
      const result = await app.sendTask("shared.add", [1, 2]);
      await drain(app);
      assertEquals(await result.get(), 3);
    }
  },
);

onMemory("a shared task is sent by the app that was made last", async (lab) => {
  const task = sharedTask(
    "shared.bound",
    { bind: true, queue: "own" },
    (self) => self.request.deliveryInfo.queue,
  );
  lab.app({ brokerUrl: "sqlite:///nowhere/at/all.db" }, "first");
  const last = lab.app({}, "last");
  const results = [await task.delay(), await task.s().delay()];
  await drain(last);
  for (const result of results) assertEquals(await result.get(), "own");
  assertEquals(await (await task.apply([])).get(), "own");
});

Deno.test("a name is shared once", () => {
  sharedTask("shared.once", () => {});
  assertThrows(
    () => sharedTask("shared.once", () => {}),
    ConfigError,
    'A shared task named "shared.once" is declared already',
  );
  assertThrows(
    () => new Lovage("shop").task("shared.once", () => {}),
    ConfigError,
    "is registered already",
  );
});

Deno.test("a shared task does not take the place of an app's own", () => {
  const app = new Lovage("shop");
  const own = app.task("shared.late", () => "own");
  assertThrows(
    () => sharedTask("shared.late", () => "shared"),
    ConfigError,
    '"shared.late"',
  );
  assert(app.tasks.get("shared.late") === own);
});

Deno.test("autodiscoverTasks() loads the modules that match, in order", async () => {
  const app = new Lovage("shop");
  const root = new URL("./fixtures/discovered/", import.meta.url).pathname;
  const paths = await app.autodiscoverTasks([`${root}*_tasks.ts`, `${root}o*`]);
  assertEquals(paths, [`${root}one_tasks.ts`, `${root}two_tasks.ts`]);
  assert(app.tasks.has("discovered.one") && app.tasks.has("discovered.two"));
});

Deno.test("autodiscoverTasks() says when nothing matches, or a module does not load", async () => {
  const app = new Lovage("shop");
  await assertRejects(
    () => app.autodiscoverTasks("./no/such/*_tasks.ts"),
    ConfigError,
    "found no module for ./no/such/*_tasks.ts in ",
  );
  const broken =
    new URL("./fixtures/broken_tasks.ts", import.meta.url).pathname;
  const error = await assertRejects(
    () => app.autodiscoverTasks(broken),
    ConfigError,
    "this module does not load",
  );
  assert(error.cause instanceof TypeError);
});

onMemory("a shared task checks its arguments by a schema", async (lab) => {
  const order = z.object({ id: z.number(), note: z.string().default("-") });
  const place = sharedTask(
    "shared.place",
    { bind: true, schema: order },
    (self, { id, note }) => `${self.name} ${id} ${note}`,
  );
  const app = lab.app();
  const result = await place.delay({ id: 1 });
  await drain(app);
  assertEquals(await result.get(), "shared.place 1 -");
  await assertRejects(
    async () => await place.delay(untyped({ id: "1" })),
    ValidationError,
  );
});
